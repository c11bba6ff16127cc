// Helps an editor write: keeps what she types, shows the mail as it will be, marks up text, takes pictures and pasted pages in.
// The text area stays the truth: without this script the form does all of it, a page at a time.
const form = document.getElementById("composer");
const body = form.elements.body;
const id = form.dataset.post;
const here = (name) => document.getElementById(name);
const stored = `alerts.unsent.${id}`;
const isMarkdown = form.elements.format.value === "markdown";

// What is typed

const pause = 150;
let waiting = null;
let looking = null;
let sending = false;
let dirty = false;
let view = "desktop";

function fields() {
  const data = new FormData(form);
  data.delete("image");
  data.delete("do");
  return data;
}

function plainFields() {
  const data = fields();
  const all = {};
  for (const name of ["title", "body", "summary", "link", "tags", "urgent"]) {
    all[name] = data.get(name) ?? "";
  }

  return { ...all, lists: data.getAll("lists").sort().join(",") };
}

function changed() {
  dirty = true;
  clearTimeout(waiting);
  waiting = setTimeout(keep, pause);
  clearTimeout(looking);
  looking = setTimeout(hint, 2 * pause);
}

async function keep() {
  if (sending) {
    return; // Whoever is under way looks again when it is back.
  }

  sending = true;
  dirty = false;
  try {
    const answer = await fetch(`/editor/posts/${id}/copy`, { method: "POST", body: fields(), redirect: "manual", headers: { Accept: "application/json" } });
    if (answer.ok) {
      const mail = await answer.json();
      kept();
      show(mail);
    } else {
      await unkept(answer);
    }
  } catch {
    await unkept(null);
  }

  sending = false;
  if (dirty) {
    changed();
  }
}

function kept() {
  localStorage.removeItem(stored);
  here("unkept").hidden = true;
  here("kept").textContent = `Kept for you at ${new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })}, not saved.`;
}

// The server can't take it just now: the session has ended, or the network is away. This browser keeps it, for this editor only, until the server has it.
async function unkept(answer) {
  let why = "The server can’t be reached.";
  if (answer?.status === 400 && answer.headers.get("Content-Type")?.includes("problem")) {
    const problem = await answer.json();
    why = Object.values(problem.errors ?? {}).flat().join(" ") || "The server didn’t take the text.";
  } else if (answer?.status === 413) {
    why = "The text is too long for the server.";
  } else if (answer) {
    why = "You are signed in no more. Sign in again in another tab, then go on here.";
  }

  let where = "This browser can’t keep it either: copy it before you leave.";
  try {
    localStorage.setItem(stored, JSON.stringify({ editor: form.dataset.editor, at: Date.now(), fields: plainFields() }));
    where = "What you type is kept in this browser meanwhile, and goes to the server as soon as it can. Don’t leave a machine that others use before that.";
  } catch {
    // Storage is full or forbidden: said above.
  }

  const note = here("unkept");
  note.textContent = `${why} ${where}`;
  note.hidden = false;
  here("kept").textContent = "";
  clearTimeout(waiting);
  waiting = setTimeout(keep, 5000);
}

// A text that this browser kept from a session that ended: hers only, and only when it isn't what stands here already.
function offer() {
  for (const key of Object.keys(localStorage).filter((name) => name.startsWith("alerts.unsent."))) {
    const entry = JSON.parse(localStorage.getItem(key));
    if (Date.now() - entry.at > 7 * 24 * 3600 * 1000) {
      localStorage.removeItem(key);
    }
  }

  const text = localStorage.getItem(stored);
  const entry = text && JSON.parse(text);
  if (!entry || entry.editor !== form.dataset.editor) {
    return;
  }

  if (JSON.stringify(entry.fields) === JSON.stringify(plainFields())) {
    localStorage.removeItem(stored);
    return;
  }

  const note = here("unkept");
  note.textContent = "This browser has a text of yours that the server never got. ";
  note.append(button("Put it here", () => fill(entry.fields)), " ", button("Throw it away", () => localStorage.removeItem(stored)));
  note.hidden = false;

  function button(words, act) {
    const made = Object.assign(document.createElement("button"), { type: "button", className: "quiet", textContent: words });
    made.addEventListener("click", () => {
      act();
      note.hidden = true;
    });
    return made;
  }
}

function fill(values) {
  for (const name of ["title", "body", "summary", "link", "tags"]) {
    form.elements[name].value = values[name];
  }

  form.elements.urgent.checked = values.urgent === "true";
  const lists = values.lists.split(",");
  for (const box of form.querySelectorAll("input[name=lists][type=checkbox]")) {
    box.checked = lists.includes(box.value);
  }

  changed();
}

// The mail

function show(mail) {
  here("subject").textContent = mail.subject;
  here("plain").textContent = mail.text;
  here("size").textContent = `${(mail.bytes / 1024).toFixed(1)} KB`;
  here("headers").replaceChildren(...mail.headers.flatMap((header) => [element("dt", header.name), element("dd", header.value)]));
  here("checks").replaceChildren(...mail.checks.map((check) => {
    const line = document.createElement("li");
    line.className = check.state.toLowerCase();
    line.append(element("strong", check.what), " ", element("span", check.says));
    return line;
  }));
  const others = here("others");
  others.hidden = mail.others === "";
  if (mail.others !== "") {
    others.textContent = `${mail.others} has typed in this post, too, and not saved it. Your texts are kept apart; whoever saves second is shown both.`;
  }

  if (mail.savedChange > Number(form.elements.change.value)) {
    others.hidden = false;
    others.textContent = "Somebody else has saved this post since you opened it. Go on: nothing of yours is lost, and when you save you are shown both texts.";
  }

  frame();
}

// A new frame each time, put in the old one's place when it is there: nothing flickers, and the way back isn't full of previews.
function frame() {
  const next = document.createElement("iframe");
  next.title = "The mail as its readers see it";
  next.setAttribute("sandbox", "allow-popups allow-popups-to-escape-sandbox");
  next.className = "coming";
  next.src = `/editor/posts/${id}/mail?mode=${view === "dark" ? "dark" : "light"}&at=${Date.now()}`;
  next.addEventListener("load", () => {
    for (const old of here("frames").querySelectorAll("iframe")) {
      if (old !== next) {
        old.remove();
      }
    }

    next.className = "";
    form.dataset.shown = String(Number(form.dataset.shown ?? 0) + 1);
  });
  here("frames").append(next);
}

function look(which) {
  const was = view;
  view = which;
  for (const tab of form.querySelectorAll("[data-view]")) {
    tab.setAttribute("aria-pressed", String(tab.dataset.view === which));
  }

  here("frames").hidden = which === "text" || which === "headers";
  here("plain").hidden = which !== "text";
  here("headers").hidden = which !== "headers";
  here("frames").classList.toggle("phone", which === "phone");
  if ((was === "dark") !== (which === "dark")) {
    frame();
  }
}

function element(name, text) {
  return Object.assign(document.createElement(name), { textContent: text });
}

async function follow() {
  const list = here("followed");
  list.replaceChildren(element("li", "Following them…"));
  await keep();
  try {
    const answer = await fetch(`/editor/posts/${id}/links`, { method: "POST", body: token(new FormData()), redirect: "error" });
    const { links } = await answer.json();
    list.replaceChildren(...links.map((link) => {
      const line = document.createElement("li");
      line.className = link.works === true ? "good" : link.works === false ? "stop" : "look";
      line.append(element("strong", link.address), " ", element("span", link.says));
      return line;
    }));
    if (links.length === 0) {
      list.replaceChildren(element("li", "There are no links in the text."));
    }
  } catch {
    list.replaceChildren(element("li", "They can’t be followed just now: try again."));
  }
}

function token(data) {
  data.set("__RequestVerificationToken", form.elements.__RequestVerificationToken.value);
  return data;
}

// Marking up. execCommand is what keeps the browser's own undo; all browsers have it, whatever the standard says of it.

function insert(text, from = body.selectionStart, to = body.selectionEnd) {
  body.focus();
  body.setSelectionRange(from, to);
  if (!document.execCommand("insertText", false, text)) {
    body.setRangeText(text, from, to, "end");
    changed();
  }
}

function surround(mark, example) {
  const [from, to] = [body.selectionStart, body.selectionEnd];
  const text = body.value.slice(from, to);
  if (body.value.slice(from - mark.length, from) === mark && body.value.slice(to, to + mark.length) === mark) {
    insert(text, from - mark.length, to + mark.length);
    body.setSelectionRange(from - mark.length, to - mark.length);
    return;
  }

  const words = text || example;
  insert(mark + words + mark);
  body.setSelectionRange(from + mark.length, from + mark.length + words.length);
}

function prefix(next) {
  const start = body.value.lastIndexOf("\n", body.selectionStart - 1) + 1;
  const end = body.value.indexOf("\n", body.selectionEnd) < 0 ? body.value.length : body.value.indexOf("\n", body.selectionEnd);
  const lines = body.value.slice(start, end).split("\n");
  const bare = lines.map((line) => line.replace(/^(#{1,6} |[-*] |\d+\. |> )/, ""));
  const marked = bare.map((line, place) => next(place) + line);
  const text = (marked.join("\n") === lines.join("\n") ? bare : marked).join("\n");
  insert(text, start, end);
  body.setSelectionRange(start, start + text.length);
}

function link() {
  const [from, to] = [body.selectionStart, body.selectionEnd];
  const text = body.value.slice(from, to);
  const isAddress = /^https?:\/\/\S+$/.test(text);
  const words = isAddress ? "what it is" : text || "what it is";
  const address = isAddress ? text : "https://";
  insert(`[${words}](${address})`);
  if (isAddress || !text) {
    body.setSelectionRange(from + 1, from + 1 + words.length);
  } else {
    const at = from + words.length + 3;
    body.setSelectionRange(at, at + address.length);
  }
}

const marks = {
  bold: () => surround("**", "important"),
  italic: () => surround("_", "stressed"),
  link,
  heading: () => prefix(() => "## "),
  list: () => prefix(() => "- "),
  numbers: () => prefix((place) => `${place + 1}. `),
  quote: () => prefix(() => "> "),
  picture: () => {
    const chooser = Object.assign(document.createElement("input"), { type: "file", accept: here("image").accept });
    chooser.addEventListener("change", () => upload([...chooser.files]));
    chooser.click();
  },
};

// A day and an hour in the text, or an address, may be an event: chrono reads the first two in the language chosen for the spelling, compromise the address in English; the editor decides.

async function hint() {
  const text = `${form.elements.title.value}\n${body.value.slice(0, 20000)}`;
  const language = here("spelling")?.value ?? "en";
  const time = happens((chrono[language] ?? chrono.en).casual.parse(text, new Date(), { forwardDate: true }));
  const street = language === "en" ? await address(text) : null;
  here("happens").hidden = time === null && street === null;
  here("happens-what").textContent = [time?.words, street].filter((words) => words).map((words) => `“${words}”`).join(" and ");
  here("happens-event").href = `/editor/events/new?${new URLSearchParams({ post: id, ...time && { starts: time.starts, ends: time.ends }, ...street && { street } })}`;
}

// The first thing in the text that reads like "3505 International Place NW, Washington DC 20008". The library that knows words is fetched once a number stands before a capital letter.
async function address(text) {
  const lines = text.split("\n").filter((line) => /\d\w*,? +(\d+\w+ +)?\p{Lu}/u.test(line)).join("\n").slice(0, 3000);
  if (lines === "") {
    return null;
  }

  let words;
  try {
    words = (await import(form.dataset.words)).default;
  } catch {
    return null; // The network is away: times are found without it.
  }

  const found = words(lines)
    .match("#NumericValue #Ordinal? (#Place|#ProperNoun|#Address|#Acronym|#Abbreviation|#NumericValue)+")
    .filter((some) => some.has("^#NumericValue #Ordinal? (#Place|#ProperNoun|#Address) (#Place|#ProperNoun|#Address)") || some.has("^#NumericValue #Ordinal (#Place|#Address)"))
    .filter((some) => some.has("(#Place|#Address)") && !some.has("(#Date|#Year|#Demonym|#Actor|#Organization)") && !some.has("^#NumericValue #Country"))
    .out("array")
    .find((some) => /^\W*\d+\w* /.test(some)); // Not "49, Pyongyang".
  return found?.replace(/^\W+|[^\w.)]+$/g, "").replace(/(?<!\.\p{Lu})\.$/u, "").replace(/\s+/g, " ") ?? null; // The full stop stays in "N.W.".
}

// The first that lies ahead and has both, or else the first day with the first hour.
function happens(times) {
  const hasDay = (time) => time.start.isCertain("day") || time.start.isCertain("weekday");
  const hasHour = (time) => time.start.isCertain("hour");
  const whole = times.find((time) => hasDay(time) && hasHour(time) && time.start.date() > new Date());
  if (whole) {
    return { words: whole.text, starts: local(whole.start), ends: whole.end ? local(whole.end) : "" };
  }

  const day = times.find((time) => hasDay(time) && time.start.date() > new Date());
  const hour = times.find((time) => hasHour(time) && !hasDay(time));
  const on = (part) => (part ? local(day.start).slice(0, 10) + local(part).slice(10) : "");
  return day && hour ? { words: `${day.text}, ${hour.text}`, starts: on(hour.start), ends: on(hour.end) } : null;
}

// As a field for a local time takes it: the clock at the place, wherever that is.
function local(time) {
  const two = (part) => String(time.get(part)).padStart(2, "0");
  return `${String(time.get("year")).padStart(4, "0")}-${two("month")}-${two("day")}T${two("hour")}:${two("minute")}`;
}

// Pictures

async function upload(files) {
  for (const file of files) {
    const mark = `![${file.name} is on its way…]()`;
    const before = body.value.slice(0, body.selectionStart);
    insert((before === "" || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n") + mark);
    let text = "";
    try {
      const data = token(new FormData());
      data.set("image", file);
      const answer = await fetch("/editor/images", { method: "POST", body: data, redirect: "error" });
      if (answer.ok) {
        text = `![](${(await answer.json()).url})`;
      } else {
        const problem = answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : {};
        warn(Object.values(problem.errors ?? {}).flat().join(" ") || "The picture can’t be taken: it may be too large. At most 10 MB.");
      }
    } catch {
      warn("The picture didn’t get through: try again.");
    }

    const at = body.value.indexOf(mark);
    if (at >= 0) {
      insert(text, at, at + mark.length);
      if (text) {
        body.setSelectionRange(at + 2, at + 2); // Where its words belong.
      }
    }
  }
}

function warn(words) {
  const note = here("unkept");
  note.textContent = words;
  note.hidden = false;
}

// Pasting: the server cleans what a word processor or a web page put in the clipboard, then it becomes Markdown.

function toMarkdown(html) {
  const service = new TurndownService({ headingStyle: "atx", bulletListMarker: "-", codeBlockStyle: "fenced", emDelimiter: "_" });
  service.use(turndownPluginGfm.gfm);
  return service.turndown(html).trim();
}

async function pasted(event) {
  const files = [...event.clipboardData.files].filter((file) => file.type.startsWith("image/"));
  const html = event.clipboardData.getData("text/html");
  const plain = event.clipboardData.getData("text/plain");
  if (files.length > 0 && !html) {
    event.preventDefault();
    await upload(files);
    return;
  }

  if (!html || !isMarkdown) {
    return;
  }

  event.preventDefault();
  insert(await cleaned(html) ?? plain);
}

async function cleaned(html) {
  try {
    const data = token(new FormData());
    data.set("html", html);
    const answer = await fetch("/editor/paste", { method: "POST", body: data, redirect: "error" });
    const clean = answer.ok ? (await answer.json()).html : null;
    return clean === null ? null : toMarkdown(clean);
  } catch {
    return null;
  }
}

// Setting up

for (const bar of form.querySelectorAll(".toolbar, .tabs, #follow")) {
  bar.hidden = false;
}

for (const mark of form.querySelectorAll("[data-mark]")) {
  mark.addEventListener("click", () => marks[mark.dataset.mark]());
}

for (const tab of form.querySelectorAll("[data-view]")) {
  tab.addEventListener("click", () => look(tab.dataset.view));
}

form.addEventListener("input", (event) => {
  if (event.target.type !== "file" && event.target.name) {
    changed();
  }
});
form.addEventListener("submit", () => {
  clearTimeout(waiting);
  try {
    // Should the session have ended, the form's way leads to the door, and the text waits here.
    localStorage.setItem(stored, JSON.stringify({ editor: form.dataset.editor, at: Date.now(), fields: plainFields() }));
  } catch {
    // The server has it as of a moment ago.
  }
});
here("follow-links").addEventListener("click", follow);

if (isMarkdown) {
  body.addEventListener("paste", pasted);
  body.addEventListener("drop", (event) => {
    const files = [...event.dataTransfer.files].filter((file) => file.type.startsWith("image/"));
    if (files.length > 0) {
      event.preventDefault();
      upload(files);
    }
  });
  body.addEventListener("keydown", (event) => {
    const mark = { b: "bold", i: "italic", k: "link" }[event.key.toLowerCase()];
    if (mark && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) {
      event.preventDefault();
      marks[mark]();
    }
  });
  const spelling = here("spelling");
  spelling.value = localStorage.getItem("alerts.spelling") ?? spelling.value;
  const spell = () => {
    for (const field of [form.elements.title, body, form.elements.summary]) {
      field.lang = spelling.value;
    }
  };
  spelling.addEventListener("change", () => {
    localStorage.setItem("alerts.spelling", spelling.value);
    spell();
    hint();
  });
  spell();
}

offer();
hint();

// The time to think again

const leaving = document.querySelector("[data-leaves]");
if (leaving) {
  const until = Date.parse(leaving.dataset.leaves);
  const tick = () => {
    const seconds = Math.max(0, Math.round((until - Date.now()) / 1000));
    leaving.querySelector("[data-seconds]").textContent = `${seconds} seconds`;
    if (seconds === 0) {
      clearInterval(timer);
      setTimeout(() => location.replace(`/editor/posts/${id}`), 6000);
    }
  };
  const timer = setInterval(tick, 500);
  tick();
}
