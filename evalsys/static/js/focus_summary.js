// Moves the focus to the error summary, so that a screen reader starts there. The page works without it.
const summary = document.querySelector("[data-focus-summary]");
if (summary) {
  summary.focus();
  summary.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    const control = link && document.getElementById(link.hash.slice(1));
    if (!control) return;
    event.preventDefault();
    (control.closest("fieldset, .field") ?? control).scrollIntoView({ block: "start" });
    control.focus({ preventScroll: true });
  });
}
