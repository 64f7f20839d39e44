// Solves the open form's puzzle while the person reads: in a worker, or in short slices where there is none.
// The same file is the page's module and the worker's script. Without it the form still works, for a few people an hour.
const BATCH = 4;
const SLICE_MS = 30;
const LONGEST_WAIT_MS = 30000;

const fromHex = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const toHex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

function primes(count, root) {
  const found = [];
  for (let number = 2; found.length < count; number++) {
    let isPrime = true;
    for (let part = 2; part * part <= number; part++) if (number % part === 0) isPrime = false;
    if (isPrime) found.push(number);
  }
  return Int32Array.from(found, (prime) => ((prime ** (1 / root) % 1) * 2 ** 32) | 0);
}

// SHA-256 (FIPS 180-4) of one block, for browsers that hide their own behind https.
const START = primes(8, 2);
const ROUND = primes(64, 3);
const words = new Int32Array(64);

function compress(state, block, out = new Int32Array(8)) {
  words.set(block);
  for (let i = 16; i < 64; i++) {
    const p = words[i - 15];
    const q = words[i - 2];
    const s0 = ((p >>> 7) | (p << 25)) ^ ((p >>> 18) | (p << 14)) ^ (p >>> 3);
    const s1 = ((q >>> 17) | (q << 15)) ^ ((q >>> 19) | (q << 13)) ^ (q >>> 10);
    words[i] = (words[i - 16] + s0 + words[i - 7] + s1) | 0;
  }
  let a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
  for (let i = 0; i < 64; i++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + ROUND[i] + words[i]) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e; e = (d + t1) | 0; d = c; c = b; b = a; a = (t1 + t2) | 0;
  }
  out[0] = state[0] + a; out[1] = state[1] + b; out[2] = state[2] + c; out[3] = state[3] + d;
  out[4] = state[4] + e; out[5] = state[5] + f; out[6] = state[6] + g; out[7] = state[7] + h;
  return out;
}

// A message of less than 56 bytes that follows one whole block, padded to a block of its own.
function lastBlock(bytes) {
  const padded = new Uint8Array(64);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(60, (64 + bytes.length) * 8);
  return Int32Array.from({ length: 16 }, (_, place) => view.getInt32(place * 4));
}

function derivePlain(password, salt, iterations) {
  const pad = (value) => {
    const key = new Uint8Array(64).fill(value);
    password.forEach((byte, place) => (key[place] ^= byte));
    const view = new DataView(key.buffer);
    return compress(START, Int32Array.from({ length: 16 }, (_, place) => view.getInt32(place * 4)));
  };
  const inner = pad(0x36);
  const outer = pad(0x5c);
  const block = lastBlock(new Uint8Array(32));
  const middle = new Int32Array(8);
  const last = new Int32Array(8);
  const hmac = (message) => {
    block.set(compress(inner, message, middle));
    return compress(outer, block, last);
  };
  hmac(lastBlock(Uint8Array.of(...salt, 0, 0, 0, 1)));
  const key = Int32Array.from(last);
  const message = Int32Array.from(block);
  for (let i = 1; i < iterations; i++) {
    message.set(last);
    hmac(message);
    for (let place = 0; place < 8; place++) key[place] ^= last[place];
  }
  const view = new DataView(new ArrayBuffer(32));
  key.forEach((word, place) => view.setInt32(place * 4, word));
  return new Uint8Array(view.buffer);
}

async function deriveNative(password, salt, iterations) {
  const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
  return new Uint8Array(await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt, iterations }, key, 256));
}

async function solve(puzzle) {
  const { nonce, salt, cost, keyPrefix } = puzzle.parameters;
  const derive = globalThis.crypto?.subtle ? deriveNative : derivePlain;
  const start = fromHex(nonce);
  const saltBytes = fromHex(salt);
  const attempt = async (counter) => {
    const password = new Uint8Array(start.length + 4);
    password.set(start);
    new DataView(password.buffer).setUint32(start.length, counter);
    const derivedKey = toHex(await derive(password, saltBytes, cost));
    return derivedKey.startsWith(keyPrefix) ? { counter, derivedKey } : null;
  };
  let rest = performance.now();
  for (let first = 0; ; first += BATCH) {
    const tried = await Promise.all(Array.from({ length: BATCH }, (_, step) => attempt(first + step)));
    const solution = tried.find(Boolean);
    if (solution) return btoa(JSON.stringify({ challenge: puzzle, solution }));
    if (performance.now() - rest > SLICE_MS) {
      await new Promise((resume) => setTimeout(resume));
      rest = performance.now();
    }
  }
}

function solveAside(puzzle) {
  return new Promise((done) => {
    const alone = () => done(solve(puzzle));
    try {
      const worker = new Worker(import.meta.url, { type: "module" });
      worker.onmessage = (event) => {
        worker.terminate();
        done(event.data);
      };
      worker.onerror = alone;
      worker.postMessage(puzzle);
    } catch {
      alone();
    }
  });
}

function guardForm(field) {
  const form = field.form;
  const status = document.getElementById("puzzle-status");
  const solved = solveAside(JSON.parse(field.dataset.puzzle)).then((text) => (field.value = text));
  let isWaiting = false;
  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (field.value || button?.name || isWaiting === "over") return;
    event.preventDefault();
    if (isWaiting) return;
    isWaiting = true;
    status.textContent = status.dataset.wait;
    const limit = new Promise((resume) => setTimeout(resume, LONGEST_WAIT_MS));
    Promise.race([solved, limit]).then(() => {
      isWaiting = "over";
      form.requestSubmit ? form.requestSubmit() : form.submit();
    });
  });
}

if (typeof document === "undefined") {
  globalThis.onmessage = async (event) => postMessage(await solve(event.data));
} else {
  const field = document.getElementById("puzzle");
  if (field?.dataset.puzzle) guardForm(field);
}
