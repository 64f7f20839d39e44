// Keeps a progress page fresh: asks every two seconds, ever more slowly up to ten, until the work is over.
const first = 2000;
const longest = 10000;

async function refresh(wait) {
  const present = document.querySelector("#job[data-poll]");
  if (!present) return;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (answer.ok) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector("#job");
      if (fresh) present.replaceWith(document.adoptNode(fresh));
    }
  } catch {
    // No network for a moment: the next turn asks again.
  }
  setTimeout(refresh, wait, Math.min(wait * 1.2, longest));
}

setTimeout(refresh, first, first);
