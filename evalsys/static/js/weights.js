// Weights of a round: sliders that keep each table at 100, locks, and what the numbers would do at once.
// The page works without it: the number boxes are what is sent.
// Every move is shared out from the weights held when the gesture began. Sharing out from the last step instead would
// forget the proportions: 20, 100 and back to 20 would leave the others at 80, 0, 0, 0.
const pause = 150;
const most = 6;

const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);

// `rest` in the proportions of `starts` (alike when all are 0), in whole steps between their bounds, by largest remainder.
export function share(rest, starts, lows, highs) {
  const ideal = starts.map(() => 0);
  let open = starts.map((_, place) => place);
  let left = rest;
  while (open.length) {
    const whole = sum(open.map((place) => starts[place]));
    const wish = (place) => (whole > 0 ? (left * starts[place]) / whole : left / open.length);
    const short = open.filter((place) => wish(place) < lows[place]);
    const over = open.filter((place) => wish(place) > highs[place]);
    if (!short.length && !over.length) {
      for (const place of open) ideal[place] = wish(place);
      break;
    }
    const lacking = sum(short.map((place) => lows[place] - wish(place)));
    const raises = lacking >= sum(over.map((place) => wish(place) - highs[place]));
    const fixed = raises ? short : over;
    for (const place of fixed) ideal[place] = raises ? lows[place] : highs[place];
    left -= sum(fixed.map((place) => ideal[place]));
    open = open.filter((place) => !fixed.includes(place));
  }
  const parts = ideal.map((number) => Math.floor(number + 1e-9));
  const order = parts.map((_, place) => place).sort((a, b) => ideal[b] - parts[b] - (ideal[a] - parts[a]) || a - b);
  let missing = rest - sum(parts);
  while (missing) {
    const step = Math.sign(missing);
    const next = order.filter((place) => (step > 0 ? parts[place] < highs[place] : parts[place] > lows[place]));
    if (!next.length) return null;
    for (const place of next.slice(0, Math.abs(missing))) {
      parts[place] += step;
      missing -= step;
    }
  }
  return parts;
}

// All parts after the one at `moved` was asked to be `value`, as near to it as locks and bounds allow; whole steps.
// rules: for each part low, high and whether it is locked. Without a way to reach `whole` the parts stay as they were.
export function move(start, moved, value, rules, whole) {
  const free = rules.map((_, place) => place).filter((place) => place !== moved && !rules[place].locked);
  const bounds = (name) => free.map((place) => rules[place][name]);
  const kept = sum(start.filter((_, place) => place !== moved && rules[place].locked));
  const least = Math.max(rules[moved].low, whole - kept - sum(bounds("high")));
  const highest = Math.min(rules[moved].high, whole - kept - sum(bounds("low")));
  if (rules[moved].locked || least > highest) return [...start];
  const given = Math.max(least, Math.min(highest, value));
  const parts = share(whole - kept - given, free.map((place) => start[place]), bounds("low"), bounds("high"));
  if (!parts) return [...start];
  const result = [...start];
  result[moved] = given;
  free.forEach((place, index) => { result[place] = parts[index]; });
  return result;
}

// A typed number in any of the digit sets that the server reads; NaN when it is none.
export function read(text) {
  const plain = text.normalize("NFKC").replace(/[\s%\u061c\u200e\u200f]/g, "").replace(/[\u0660-\u0669]/g, (sign) => sign.charCodeAt(0) - 0x660)
    .replace(/[\u06f0-\u06f9]/g, (sign) => sign.charCodeAt(0) - 0x6f0).replace(/[,\u066b]/, ".");
  return /^\d{1,9}(\.\d{1,6})?$/.test(plain) ? Number(plain) : NaN;
}

const decimals = (number) => (Number.isNaN(number) ? 0 : (String(number).split(".")[1] ?? "").length);

class Family {
  constructor(root, changed) {
    this.root = root;
    this.changed = changed;
    this.rows = [...root.querySelectorAll("[data-weight]")].map((row) => ({
      number: row.querySelector("[data-number]"),
      slider: row.querySelector("[data-slider]"),
      lock: row.querySelector("[data-lock]"),
      adopted: row.dataset.adopted,
      low: Number(row.dataset.low),
      high: Number(row.dataset.high),
    }));
    this.held = this.weights();
    this.rows.forEach((row, place) => this.connect(row, place));
    for (const button of root.querySelectorAll("button[type=button]")) {
      button.hidden = false;
      button.addEventListener("click", () => this[button.dataset.act]());
    }
    for (const label of root.querySelectorAll("[data-lock-label], [data-see]")) label.hidden = false;
    this.show();
  }

  connect(row, place) {
    const begin = () => { this.held = this.weights(); };
    row.slider.hidden = false;
    row.slider.min = Math.ceil(row.low);
    row.slider.max = Math.floor(row.high);
    row.slider.addEventListener("pointerdown", begin);
    row.slider.addEventListener("focus", begin);
    row.slider.addEventListener("input", () => this.slide(place));
    row.lock.addEventListener("change", () => { row.slider.disabled = row.lock.checked; });
    row.number.addEventListener("input", () => this.show());
  }

  weights() {
    return this.rows.map((row) => read(row.number.value));
  }

  // Whole steps: as fine as the numbers that are there.
  steps(weights) {
    const found = [...weights, ...this.rows.flatMap((row) => [row.low, row.high])].map(decimals);
    return 10 ** Math.min(most, Math.max(0, ...found));
  }

  slide(place) {
    const held = this.held.map((number) => (Number.isNaN(number) ? 0 : number));
    const asked = Number(this.rows[place].slider.value);
    const steps = this.steps(held);
    const scaled = (number) => Math.round(number * steps);
    const value = asked === Math.round(held[place]) ? held[place] : asked;
    const rules = this.rows.map((row) => ({ low: scaled(row.low), high: scaled(row.high), locked: row.lock.checked }));
    this.write(move(held.map(scaled), place, scaled(value), rules, 100 * steps).map((part) => part / steps));
  }

  reset() {
    this.write(this.rows.map((row) => read(row.number.defaultValue)));
  }

  adopted() {
    this.write(this.rows.map((row) => Number(row.adopted ?? 0)));
  }

  // As alike as locks and bounds allow.
  equal() {
    const now = this.weights().map((number) => (Number.isNaN(number) ? 0 : number));
    const free = this.rows.map((_, place) => place).filter((place) => !this.rows[place].lock.checked);
    const steps = Math.max(this.steps(now.filter((_, place) => !free.includes(place))), 100 % this.rows.length ? 100 : 1);
    const scaled = (number) => Math.round(number * steps);
    const rest = 100 * steps - sum(now.map((number, place) => (free.includes(place) ? 0 : scaled(number))));
    const bounds = (name) => free.map((place) => scaled(this.rows[place][name]));
    const parts = share(rest, free.map(() => 1), bounds("low"), bounds("high"));
    if (!parts) return;
    free.forEach((place, index) => { now[place] = parts[index] / steps; });
    this.write(now);
  }

  write(weights) {
    weights.forEach((weight, place) => {
      if (!Number.isNaN(weight)) this.rows[place].number.value = String(weight);
    });
    this.show();
  }

  get isWhole() {
    return Math.round(sum(this.weights()) * 10 ** most) === 100 * 10 ** most;
  }

  show() {
    const weights = this.weights();
    weights.forEach((weight, place) => { this.rows[place].slider.value = Number.isNaN(weight) ? 0 : weight; });
    const total = sum(weights.map((number) => (Number.isNaN(number) ? 0 : number)));
    this.root.querySelector("[data-sum]").textContent = String(Math.round(total * 10 ** most) / 10 ** most);
    this.root.querySelector("[data-sum-row]").classList.toggle("wrong", !this.isWhole);
    this.root.querySelector("[data-act=scale]").hidden = this.isWhole;
    this.changed();
  }
}

class Preview {
  constructor(side, form) {
    this.side = side;
    this.form = form;
    this.status = side.querySelector("[data-status]");
    this.target = side.querySelector("[data-target]");
    side.hidden = false;
    side.querySelector("select").addEventListener("change", () => this.ask());
  }

  say(text) {
    if (this.status.textContent !== text) this.status.textContent = text;
  }

  changed(families) {
    clearTimeout(this.timer);
    this.asked?.abort();
    if (families.every((family) => family.isWhole)) this.timer = setTimeout(() => this.ask(), pause);
    else this.say(this.status.dataset.wait);
  }

  async ask() {
    this.asked?.abort();
    const asked = new AbortController();
    this.asked = asked;
    try {
      const answer = await fetch(this.side.dataset.preview, {
        method: "POST", body: new FormData(this.form), headers: { "X-Fragment": "1" }, signal: asked.signal,
      });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const said = page.querySelector("[data-status]");
      if (!said) throw new Error("no fragment");
      said.remove();
      this.say(said.textContent.trim());
      if (!answer.ok) return;
      this.target.replaceChildren(...page.body.children);
      document.querySelector("[data-still]")?.setAttribute("hidden", "");
    } catch (error) {
      if (error.name !== "AbortError") this.say(this.status.dataset.failed);
    }
  }
}

const side = globalThis.document?.querySelector("[data-preview]");
if (side) {
  const preview = new Preview(side, document.getElementById("form"));
  const families = [];
  let ready = false;
  const changed = () => { if (ready) preview.changed(families); };
  for (const root of document.querySelectorAll("[data-family]")) families.push(new Family(root, changed));
  ready = true;
  changed();
}
