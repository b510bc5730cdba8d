"use strict";
// The console's own script: dragging, dialogs, progress, offline. Pages work without it, except for changes by hand.
const $ = (selector, from = document) => from.querySelector(selector);
const proof = $("meta[name=proof]")?.content ?? "";

// ---------------------------------------------------------------- small things
let hide = 0;
function toast(text) {
  const box = $("#toast");
  box.textContent = text;
  box.hidden = false;
  clearTimeout(hide);
  hide = setTimeout(() => { box.hidden = true; }, 6000);
}

async function send(path, body) {
  try {
    const answer = await fetch(path, {
      method: "POST", credentials: "same-origin", headers: { "Content-Type": "application/json", "X-Proof": proof }, body: JSON.stringify(body),
    });
    return { status: answer.status, body: await answer.json() };
  } catch {
    return { status: 0, body: { message: "没有网络，改动没有保存" } };
  }
}

const pad = (n) => String(n).padStart(2, "0");
// Office time, whatever the browser's own zone is: the offset that came with the visit is kept.
const local = (iso) => iso.slice(0, 16);
const zone = (iso) => iso.slice(19) || "+08:00";
const clock = (iso) => `${Number(iso.slice(5, 7))}月${Number(iso.slice(8, 10))}日 ${iso.slice(11, 16)}`;

// ---------------------------------------------------------------- changes
async function move(visit, start) {
  toast("正在改期……");
  done(await send("/app/move", { id: visit.dataset.id, start, version: Number(visit.dataset.version) }));
}

function done(answer) {
  $("#toast").hidden = true;
  if (answer.status === 200 || answer.status === 201 || answer.status === 202) {
    sessionStorage.setItem("said", answer.body.message || (answer.body.start ? `已改期：${clock(answer.body.start)} ${answer.body.customer_name ?? ""}` : "已保存"));
    location.reload();
  } else if (answer.status === 409 && answer.body.ways?.length) {
    conflict(answer.body);
  } else {
    toast(answer.body.message || "没有处理成功，没有改动");
  }
}

function conflict(found) {
  const box = $("#conflict");
  const [first, ...rest] = found.message.split("\n");
  $("h2", box).textContent = first;
  $("pre", box).textContent = rest.join("\n");
  $(".ways", box).replaceChildren(...found.ways.filter((w) => w.how !== "dropped").map((way) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = way.text;
    button.dataset.how = way.how;
    button.className = way.how === "alternative" ? "primary" : "";
    button.addEventListener("click", async () => {
      const { text, ...slots } = way;
      if (way.how === "override") {
        slots.reason = prompt("请写一句特批原因") ?? "";
        if (!slots.reason) return;
      }
      box.close();
      done(await send("/app/settle", slots));
    });
    return button;
  }));
  box.showModal();
}

// ---------------------------------------------------------------- a visit's dialog
function open(visit) {
  const box = $("#visit");
  $(".facts", box).replaceChildren($("template", visit).content.cloneNode(true));
  const may = visit.dataset.may === "1";
  $(".move", box).hidden = !may;
  const when = $("[name=when]", box);
  when.value = local(visit.dataset.start);
  $("[data-do=move]", box).onclick = () => {
    if (!when.value) return;
    box.close();
    move(visit, `${when.value}:00${zone(visit.dataset.start)}`);
  };
  box.showModal();
}

// ---------------------------------------------------------------- dragging, by mouse at once, by finger after a long press
let drag = null;
const HOLD_MS = 320, FAR = 6;

function begin(event, visit) {
  const ghost = visit.cloneNode(true);
  ghost.classList.add("ghost");
  ghost.removeAttribute("data-id");
  document.body.append(ghost);
  visit.classList.add("dragging");
  drag = { visit, ghost, target: null };
  follow(event);
}

function follow(event) {
  drag.ghost.style.left = `${event.clientX - 40}px`;
  drag.ghost.style.top = `${event.clientY - 18}px`;
  const cell = document.elementFromPoint(event.clientX, event.clientY)?.closest(".cell");
  drag.target?.classList.remove("target");
  drag.target = cell ?? null;
  drag.target?.classList.add("target");
}

function drop() {
  const { visit, ghost, target } = drag;
  drag = null;
  ghost.remove();
  visit.classList.remove("dragging");
  target?.classList.remove("target");
  const from = visit.closest(".cell");
  if (!target || target === from) return;
  if (target.dataset.person !== from.dataset.person) {
    toast("换人请在聊天里说，例如：周五的拜访让李娜替我去");
    return;
  }
  move(visit, `${target.dataset.date}${visit.dataset.start.slice(10)}`);
}

document.addEventListener("pointerdown", (event) => {
  const visit = event.target.closest?.(".visit");
  if (!visit || event.button > 0) return;
  const at = [event.clientX, event.clientY];
  const may = visit.dataset.may === "1";
  let held = null, moved = false;
  const finger = event.pointerType !== "mouse";
  if (may && finger) held = setTimeout(() => { if (!moved) { begin(event, visit); navigator.vibrate?.(15); } }, HOLD_MS);
  const onMove = (e) => {
    if (drag) { e.preventDefault(); follow(e); return; }
    if (Math.hypot(e.clientX - at[0], e.clientY - at[1]) < FAR) return;
    moved = true;
    clearTimeout(held);
    if (may && !finger) begin(e, visit);
  };
  const stop = (e) => {
    clearTimeout(held);
    document.removeEventListener("pointermove", onMove);
    document.removeEventListener("pointerup", stop);
    document.removeEventListener("pointercancel", stop);
    if (drag) { e.type === "pointerup" ? drop() : cancel(); moved = true; }
    if (moved) visit.addEventListener("click", (c) => { c.preventDefault(); c.stopImmediatePropagation(); }, { once: true, capture: true });
    setTimeout(() => { moved = false; }, 0);
  };
  document.addEventListener("pointermove", onMove, { passive: false });
  document.addEventListener("pointerup", stop);
  document.addEventListener("pointercancel", stop);
});

function cancel() {
  drag.ghost.remove();
  drag.visit.classList.remove("dragging");
  drag.target?.classList.remove("target");
  drag = null;
}
document.addEventListener("touchmove", (event) => { if (drag) event.preventDefault(); }, { passive: false });
document.addEventListener("contextmenu", (event) => { if (drag || event.target.closest?.(".visit.may")) event.preventDefault(); });
document.addEventListener("keydown", (event) => { if (event.key === "Escape" && drag) cancel(); });
document.addEventListener("click", (event) => {
  const visit = event.target.closest?.(".visit");
  if (visit && !visit.classList.contains("ghost")) open(visit);
});

// ---------------------------------------------------------------- what a page does when it opens
$("[data-go]")?.requestSubmit();
$(".pick select")?.addEventListener("change", (event) => {
  const form = event.target.form;
  event.target.name = "team";
  form.requestSubmit();
});
const today = $(".day.today"), week = $(".week");
if (today && week && week.scrollWidth > week.clientWidth) week.scrollLeft = today.offsetLeft - $(".corner").offsetWidth;
const said = sessionStorage.getItem("said");
if (said) { sessionStorage.removeItem("said"); toast(said); }

const running = $("[data-import]");
if (running) {
  const look = async () => {
    try {
      const state = await (await fetch(running.dataset.import, { credentials: "same-origin" })).json();
      if (state.over) { location.reload(); return; }
      $("progress").value = state.total ? (100 * state.done) / state.total : 0;
      $(".count").textContent = `${state.done} / ${state.total} 行`;
    } catch { /* asked again below */ }
    setTimeout(look, 700);
  };
  look();
}

// ---------------------------------------------------------------- without a network
const network = (there) => { $("#offline").hidden = there; };
addEventListener("online", () => network(true));
addEventListener("offline", () => network(false));
if (!navigator.onLine) network(false);
if ("serviceWorker" in navigator && $("header nav")) navigator.serviceWorker.register("/app/sw.js", { scope: "/app/" }).catch(() => {});
