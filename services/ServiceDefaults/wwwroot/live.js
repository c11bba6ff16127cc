// Keeps a page that shows progress up to date, without loading it anew: what is focused stays so, and nobody's typing is disturbed.
const focusable = "a, button, summary";

async function refresh() {
  let again = true;
  try {
    const answer = await fetch(location.href);
    const next = new DOMParser().parseFromString(await answer.text(), "text/html");
    const main = document.querySelector("main");
    const active = document.activeElement;
    if (answer.ok && !answer.redirected && !active.matches("main :is(input, select, textarea)")) {
      const place = [...main.querySelectorAll(focusable)].indexOf(active);
      main.replaceChildren(...next.querySelector("main").childNodes);
      main.querySelectorAll(focusable)[place]?.focus();
      document.title = next.title;
      again = next.querySelector("script[data-live]") !== null;
    }
  } catch {
    // The network is away; it may come back.
  }

  if (again) {
    setTimeout(refresh, 2000);
  }
}

setTimeout(refresh, 2000);
