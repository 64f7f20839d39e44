// Clears a kiosk when nobody touches it: a warning first, then the page for the next person, without a way back.
const warning = document.getElementById("kiosk-warning");
const idle = Number(warning.dataset.idle);
const warn = Number(warning.dataset.warn);
const seconds = document.getElementById("kiosk-seconds");
const stay = document.getElementById("kiosk-stay");
let last = Date.now();
let before = null;

function touched() {
  last = Date.now();
  if (warning.hidden) return;
  warning.hidden = true;
  before?.focus?.();
}

function look() {
  const left = idle - (Date.now() - last) / 1000;
  if (left <= 0) {
    clearInterval(clock);
    location.replace(warning.dataset.start);
  } else if (left <= warn) {
    seconds.textContent = String(Math.ceil(left));
    if (warning.hidden) {
      before = document.activeElement;
      warning.hidden = false;
      stay.focus();
    }
  }
}

for (const kind of ["pointerdown", "keydown", "input", "scroll", "touchmove"]) {
  document.addEventListener(kind, touched, { passive: true, capture: true });
}
// A page that the browser kept and shows again after "back" belongs to somebody who has left.
addEventListener("pageshow", (event) => event.persisted && location.replace(warning.dataset.start));
const clock = setInterval(look, 250);
