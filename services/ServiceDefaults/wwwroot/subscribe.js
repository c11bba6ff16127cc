// Chooses the browser's time zone, where nobody has chosen one. The page works without.
const zone = document.querySelector("select[data-guess]");
const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone && [...zone.options].some((option) => option.value === here)) {
  zone.value = here;
}
