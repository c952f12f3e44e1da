const query = document.getElementById("query");
const verdict = document.getElementById("verdict");
const shown = document.getElementById("shown");
const claims = [...document.querySelectorAll(".claim")];

function filter() {
  const words = query.value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const claim of claims) {
    const text = claim.textContent.toLowerCase();
    const hit = words.every((w) => text.includes(w));
    claim.hidden = !hit || (verdict.value && claim.dataset.verdict !== verdict.value);
    count += claim.hidden ? 0 : 1;
  }
  shown.textContent = `${count} of ${claims.length}`;
  for (const section of document.querySelectorAll("main section")) {
    const mine = section.querySelectorAll(".claim");
    section.hidden = mine.length > 0 && [...mine].every((c) => c.hidden);
  }
}

function open_target() {
  const claim = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (claim && claim.tagName === "DETAILS") claim.open = true;
}

query.addEventListener("input", filter);
verdict.addEventListener("change", filter);
addEventListener("hashchange", open_target);
filter();
open_target();
