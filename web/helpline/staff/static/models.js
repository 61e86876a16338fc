// Follows what is going on, and shows the page again when it has ended or a new step has begun.
"use strict";

const LOOK_EVERY = 2000;
const place = document.querySelector("[data-going-on]");

async function look() {
  try {
    const answer = await fetch("/models/state", { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const { going_on: told } = await answer.json();
    const [before, now] = [place.dataset.goingOn, told].map((text) => text.split(":")[0]);
    if (before !== now) {
      location.assign("/models");
      return;
    }
    const text = place.querySelector("[data-progress-text]");
    if (text) {
      text.textContent = told.slice(told.indexOf(":") + 2);
      place.querySelector("progress").value = Number(told.match(/(\d+) %$/)?.[1] ?? 0);
    }
  } catch {
    // The console is being started again: the next look tells.
  }
}

if (place?.dataset.goingOn) setInterval(look, LOOK_EVERY);
