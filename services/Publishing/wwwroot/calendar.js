// Drags what is scheduled to another day. The form in each entry does the same without it.
const form = document.getElementById("move");
let dragged = null;

form.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.(".entry[draggable=true]");
  if (dragged) {
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.dataset.post);
    dragged.classList.add("dragged");
  }
});

form.addEventListener("dragend", () => {
  dragged?.classList.remove("dragged");
  dragged = null;
});

for (const day of form.querySelectorAll("[data-day]")) {
  day.addEventListener("dragover", (event) => {
    if (dragged && !day.contains(dragged)) {
      event.preventDefault();
      day.classList.add("over");
    }
  });
  day.addEventListener("dragleave", (event) => {
    if (!day.contains(event.relatedTarget)) {
      day.classList.remove("over");
    }
  });
  day.addEventListener("drop", (event) => {
    event.preventDefault();
    for (const [name, value] of [["post", dragged.dataset.post], ["to", day.dataset.day]]) {
      form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    }

    form.submit();
  });
}
