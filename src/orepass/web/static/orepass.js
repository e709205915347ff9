// Comfort only: every page works without it.
"use strict";
(() => {
  // A table in the making: the page asks how far it is and shows it, and goes on to the answers by itself.
  const progress = document.querySelector("progress[data-job]");
  if (progress) {
    const said = document.querySelector("[data-said]");
    const look = async () => {
      const answer = await fetch(progress.dataset.job, { headers: { accept: "application/json" } });
      if (answer.ok) {
        const job = await answer.json();
        if (!["reading", "waiting", "running"].includes(job.state)) { location.reload(); return; }
        if (job.total) { progress.max = job.total; progress.value = job.rows; }
        if (said && job.said) said.textContent = job.said;
      }
      setTimeout(look, 700);
    };
    setTimeout(look, 300);
  }
  // A file let fall on the box is the file of the form.
  const drop = document.querySelector(".drop");
  if (drop) {
    const input = drop.querySelector("input[type=file]");
    for (const kind of ["dragenter", "dragover"]) drop.addEventListener(kind, (event) => { event.preventDefault(); drop.classList.add("over"); });
    for (const kind of ["dragleave", "drop"]) drop.addEventListener(kind, () => drop.classList.remove("over"));
    drop.addEventListener("drop", (event) => {
      event.preventDefault();
      if (event.dataTransfer.files.length) input.files = event.dataTransfer.files;
    });
  }
  // A slider beside the list of days: it says what the list says, and goes where the list goes.
  const slide = document.querySelector("[data-slide]");
  if (slide) {
    const input = slide.querySelector("input"), shown = slide.querySelector("output");
    const days = [...document.querySelectorAll("[data-days] > li")];
    const tell = () => { shown.textContent = days[input.value].textContent.trim(); };
    slide.hidden = false;
    input.addEventListener("input", tell);
    input.addEventListener("change", () => { location.href = days[input.value].querySelector("a").href; });
    tell();
  }
  // The first thing that is wrong gets the focus.
  const wrong = document.querySelector("[data-focus]");
  if (wrong) wrong.focus();
})();
