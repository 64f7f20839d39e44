// Shows beside a sheet what its numbers mean, as one types; the server computes it. Without it "Check" does the same.
const WAIT_MS = 200;
const form = document.querySelector("form[data-trial]");
let timer = 0;
let running = null;

function address() {
  const fields = new URLSearchParams(new FormData(form));
  for (const name of ["csrf_token", "act"]) fields.delete(name);
  return `${form.dataset.trial}?${fields}`;
}

async function refresh() {
  running?.abort();
  running = new AbortController();
  try {
    const answer = await fetch(address(), { headers: { "X-Fragment": "1" }, signal: running.signal });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("#trial");
    const present = document.querySelector("#trial");
    const said = present.querySelector("[data-said]");
    const news = fresh.querySelector("[data-said]").textContent;
    if (said.textContent !== news) said.textContent = news;
    present.querySelector("[data-rest]").replaceWith(document.adoptNode(fresh.querySelector("[data-rest]")));
  } catch {
    // Overtaken by a newer change, or no network for a moment.
  }
}

form?.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(refresh, WAIT_MS);
});
