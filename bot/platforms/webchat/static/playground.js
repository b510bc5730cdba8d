"use strict";
// The playground page. Everything that comes from the server is shown by textContent: no text ever becomes HTML.

const WEEK = "日一二三四五六";
const ROLES = { rep: "", manager: "主管", director: "总监", admin: "管理员" };
const TONES = { done: "完成", info: "消息", warn: "请注意" };
const EVENTS = {
  "visit.booked": "已预约", "visit.rescheduled": "已改期", "visit.updated": "拜访已更新", "visit.cancelled": "已取消",
  "visit.restored": "已恢复", "visit.checked_in": "已签到", "visit.completed": "拜访完成", "visit.missed": "漏访",
  "visit.empty_run": "扑空", "conflict.found": "发现冲突", "conflict.resolved": "冲突已解决", "report.filed": "纪要已提交",
  "report.updated": "纪要已更新", "task.created": "新待办", "task.done": "待办完成", "task.cancelled": "待办取消",
  "followup.added": "新跟进", "customer.created": "新客户", "customer.updated": "客户已更新", "customer.duplicate_found": "疑似重复客户",
  "customer.merged": "客户已合并", "customer.claimed": "已认领", "customer.released": "已释放", "customer.transferred": "已转移",
  "leave.added": "请假", "leave.cancelled": "销假", "approval.requested": "申请审批", "approval.approved": "审批同意",
  "approval.rejected": "审批驳回", "reminder.sent": "已发提醒", "alert.raised": "预警", "summary.sent": "已发汇总",
  "rule.changed": "规则变更", "access.denied": "无权", "undo.done": "已撤销",
};
const KINDS = {
  rep_overlap: "本人时间冲突", participant_overlap: "同行人没空", customer_overlap: "客户时段已被约", third_team: "7 天内第三个团队",
  owned_by_other: "同事保护中的客户", customer_window: "同事近期已约", duplicate_visit: "当天已约", buffer: "间隔不够", overload: "当天太多",
  off_hours: "非工作时间", holiday: "节假日", owner_notice: "同事的客户",
};
const $ = (id) => document.getElementById(id);
const narrow = matchMedia("(max-width: 760px)");
const S = { members: [], groups: [], places: [], items: [], events: [], stories: [], sentences: {}, now: "", bot: "",
  shown: ["u:wanglei", "u:lina", "u:chenjing"], active: "u:wanglei", look: "wecom", looks: {}, as: {}, voice: {}, unread: {}, story: null };

// ---------------------------------------------------------------- small helpers
function h(tag, attrs, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(attrs || {})) {
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (value === true) node.setAttribute(key, "");
    else if (value !== false && value != null) node.setAttribute(key, value);
  }
  node.append(...children.flat(Infinity).filter((child) => child != null && child !== false));
  return node;
}
function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}
const local = (iso) => new Date(new Date(iso).getTime() + 8 * 3600e3); // read with getUTC…: the office is at +08:00
const two = (n) => String(n).padStart(2, "0");
const hour = (iso) => `${two(local(iso).getUTCHours())}:${two(local(iso).getUTCMinutes())}`;
function moment(iso) {
  const t = local(iso);
  return `${t.getUTCMonth() + 1}月${t.getUTCDate()}日 周${WEEK[t.getUTCDay()]} ${hour(iso)}`;
}
const person = (id) => S.members.find((m) => m.id === id);
const group = (chat) => (chat[0] === "g" ? S.groups.find((g) => `g:${g.id}` === chat) : null);
const nameOf = (id) => (person(id) || { name: id }).name;
function chatName(chat) {
  return group(chat) ? group(chat).name : nameOf(chat.slice(2));
}
const twin = (chat) => S.members.filter((m) => m.name === chatName(chat)).length > 1;
function teamOf(m) {
  return [m.team || m.department, ROLES[m.role]].filter(Boolean).join(" · ");
}
const speaker = (chat) => (group(chat) ? S.as[chat] || group(chat).members[0] : chat.slice(2));
const look = (chat) => S.looks[chat] || S.look;
function avatar(chat) {
  const list = group(chat) ? S.groups.map((g) => `g:${g.id}`) : S.members.map((m) => `u:${m.id}`);
  const label = group(chat) ? "群" : chatName(chat).slice(-2);
  return h("span", { class: `avatar tint-${(list.indexOf(chat) + (group(chat) ? 7 : 0)) % 8}`, "aria-hidden": "true" }, label);
}
function botAvatar() {
  return h("span", { class: "avatar", "aria-hidden": "true" }, h("img", { src: "playground/icon.svg", alt: "" }));
}
function remember() {
  try {
    localStorage.setItem("playground", JSON.stringify({ shown: S.shown, look: S.look, active: S.active }));
  } catch { /* private windows may refuse: then a reload starts with the defaults */ }
}
function recall() {
  try {
    Object.assign(S, JSON.parse(localStorage.getItem("playground") || "{}"));
  } catch { /* unreadable: the defaults */ }
}
let toastTimer = 0;
function toast(text) {
  $("toast").textContent = text;
  $("toast").hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { $("toast").hidden = true; }, 4200);
}

// ---------------------------------------------------------------- the server
async function post(path, body, type = "application/json") {
  try {
    const raw = type === "application/json" ? JSON.stringify(body) : body;
    const response = await fetch(`playground/${path}`, { method: "POST", headers: { "Content-Type": type }, body: raw });
    const data = await response.json();
    if (!response.ok) throw new Error(data.error || `出错了（${response.status}）`);
    return data;
  } catch (error) {
    toast(error instanceof TypeError ? "没有连上服务，请确认程序还在运行" : error.message);
    return null;
  }
}
function say(chat, what) {
  const to = group(chat) ? { group: chat.slice(2) } : {};
  return post("say", { from: speaker(chat), platform: look(chat), ...to, ...what });
}
function connect(wait = 500) {
  const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/playground/live`);
  socket.onopen = () => { $("offline").hidden = true; wait = 500; };
  socket.onmessage = (message) => receive(JSON.parse(message.data));
  socket.onclose = () => {
    $("offline").hidden = false;
    setTimeout(() => connect(Math.min(wait * 1.6, 8000)), wait);
  };
}
function receive(push) {
  if (push.type === "state") {
    Object.assign(S, push);
    S.unread = {};
    drawAll();
  } else if (push.type === "item") {
    S.items.push(push.item);
    arrive(push.item);
  } else if (push.type === "update") {
    const at = S.items.findIndex((item) => item.key === push.item.key);
    if (at >= 0) S.items[at] = push.item;
    const old = document.querySelector(`[data-key="${CSS.escape(push.item.key)}"]`);
    if (old) old.replaceWith(drawItem(push.item, true));
    else count(push.item.chat);
  } else if (push.type === "event") {
    S.events.push(push.event);
    drawEvents();
  } else if (push.type === "clock") {
    S.now = push.now;
    drawClock();
  }
}
function arrive(item) {
  const log = logOf(item.chat);
  if (log) append(log, item, true);
  if (log && item.how === "click") for (const button of log.querySelectorAll(`[data-action="${CSS.escape(item.action)}"]`)) button.classList.add("pressed");
  if (!log || (narrow.matches && S.active !== item.chat)) count(item.chat);
  storySees(item);
}
function count(chat) {
  S.unread[chat] = (S.unread[chat] || 0) + 1;
  drawRail();
}

// ---------------------------------------------------------------- drawing
function drawAll() {
  const known = [...S.members.map((m) => `u:${m.id}`), ...S.groups.map((g) => `g:${g.id}`)];
  S.shown = S.shown.filter((chat) => known.includes(chat));
  if (!S.shown.length) S.shown = known.slice(0, 3);
  if (!S.shown.includes(S.active)) S.active = S.shown[0];
  drawClock();
  drawRail();
  drawPhones();
  drawEvents();
  drawStory();
  for (const button of document.querySelectorAll("[data-look]")) button.setAttribute("aria-pressed", button.dataset.look === S.look);
}
function drawClock() {
  $("now").textContent = moment(S.now);
  $("now").dateTime = S.now;
}
function drawRail() {
  // a button that is there already stays the same element: replaced between press and release, it would swallow the click
  const there = new Map([...$("rail").querySelectorAll("[data-chat]")].map((node) => [node.dataset.chat, node]));
  const entry = (chat, small) => {
    const on = narrow.matches ? S.active === chat : S.shown.includes(chat);
    const unread = S.unread[chat] || 0;
    const button = there.get(chat) || h("button", { type: "button", "data-chat": chat, onclick: () => toggle(chat) });
    const looks = JSON.stringify([chatName(chat), small, twin(chat), on, unread]);
    if (button.looks === looks) return button;
    button.looks = looks;
    button.setAttribute("aria-pressed", String(on));
    button.replaceChildren(
      avatar(chat), h("span", { class: "who" }, chatName(chat), h("small", { class: twin(chat) ? "twin" : "" }, small)),
      ...(unread ? [h("em", { "aria-label": `${unread} 条新消息` }, String(unread))] : []));
    return button;
  };
  const wanted = [
    h("h2", {}, "同事"), ...S.members.map((m) => entry(`u:${m.id}`, teamOf(m))),
    h("h2", {}, "群聊"), ...S.groups.map((g) => entry(`g:${g.id}`, `${g.members.length} 人`))];
  const order = (nodes) => [...nodes].map((node) => node.dataset.chat || node.textContent).join();
  if (order($("rail").children) !== order(wanted)) $("rail").replaceChildren(...wanted);
}
function toggle(chat) {
  if (narrow.matches) show([chat], chat);
  else if (S.shown.includes(chat)) hide(chat);
  else show([...S.shown, chat], chat);
}
function hide(chat) {
  S.shown = S.shown.filter((c) => c !== chat);
  if (S.active === chat) S.active = S.shown[0] || "";
  remember();
  drawRail();
  drawPhones();
}
function show(chats, active) {
  S.shown = narrow.matches ? [...new Set([...S.shown, ...chats])] : chats;
  S.active = active;
  for (const chat of narrow.matches ? [active] : chats) delete S.unread[chat];
  remember();
  drawRail();
  drawPhones();
  document.querySelector(`.phone[data-chat="${CSS.escape(active)}"]`)?.scrollIntoView({ block: "nearest", inline: "nearest" });
  $("rail").querySelector(`[data-chat="${CSS.escape(active)}"]`)?.scrollIntoView({ block: "nearest", inline: "nearest" });
}
function drawPhones() {
  const there = new Map([...document.querySelectorAll(".phone")].map((node) => [node.dataset.chat, node]));
  const keep = new Map();
  const phones = S.shown.map((chat) => {
    const old = there.get(chat);
    const same = old && old.dataset.look === look(chat) && old.state === S.members;
    const phone = same ? old : drawPhone(chat, old ? old.querySelector("input").value : "");
    const log = same && old.querySelector(".log");
    if (log && log.scrollHeight - log.scrollTop - log.clientHeight > 4) keep.set(phone, log.scrollTop);
    phone.classList.toggle("active", chat === S.active);
    return phone;
  });
  $("phones").replaceChildren(...(phones.length ? phones : [h("p", { class: "empty" }, "在左边选一位同事或一个群，开始对话")]));
  for (const phone of phones) phone.querySelector(".log").scrollTop = keep.get(phone) || 1e6; // where it was, or at its end
}
function drawPhone(chat, draft) {
  const skin = look(chat);
  const inGroup = group(chat);
  const me = person(chat.slice(2));
  const small = inGroup ? inGroup.members.map(nameOf).join("、") : teamOf(me);
  const log = h("div", { class: "log", role: "log", "aria-label": `${chatName(chat)}的聊天记录`, tabindex: "0" });
  const phone = h("section", { class: `phone ${skin}`, "data-chat": chat, "data-look": skin, "aria-label": chatName(chat) },
    h("header", {}, avatar(chat), h("h2", {}, chatName(chat), h("small", {}, small)),
      h("button", { type: "button", class: "skin", title: "换一种界面", onclick: () => reskin(chat) }, skin === "wecom" ? "企业微信" : "钉钉"),
      h("button", { type: "button", class: "plain close", "aria-label": `收起${chatName(chat)}`, onclick: () => hide(chat) }, icon("close"))),
    log, drawComposer(chat, draft));
  phone.state = S.members;
  const mine = S.items.filter((item) => item.chat === chat);
  const hint = inGroup ? `在群里 @${S.bot} 就能查大家的安排` : `用一句话告诉${S.bot}要做什么`;
  if (!mine.length) log.append(h("div", { class: "hint" }, botAvatar(), h("strong", {}, hint), h("p", {}, inGroup ? "回答按群里权限最低的人来" : "试试下面的例句，或者自己说")));
  for (const item of mine) append(log, item, false);
  return phone;
}
function drawComposer(chat, draft) {
  const inGroup = group(chat);
  const role = inGroup ? "group" : person(chat.slice(2)).role === "rep" ? "rep" : "manager";
  const input = h("input", { type: "text", maxlength: "5000", autocomplete: "off", enterkeyhint: "send", "aria-label": `以${chatName(chat)}的身份输入` });
  const place = () => { input.placeholder = S.voice[chat] ? "按语音识别的文字发送" : inGroup ? `@${S.bot} …` : "说一句话，回车发送"; };
  input.value = draft;
  place();
  const send = async (text) => {
    if (!text.trim()) return;
    const spoken = S.voice[chat] ? { voice: text.replace(/[\s，。！？、,.!?]+/g, "") } : { text };
    if (await say(chat, spoken) && input.value === text) input.value = "";
  };
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.isComposing) { event.preventDefault(); send(input.value); }
  });
  const voice = h("button", { type: "button", class: "plain", "aria-pressed": String(!!S.voice[chat]), "aria-label": "语音输入", title: "语音输入：把下面的文字当作语音识别的结果",
    onclick: () => { S.voice[chat] = !S.voice[chat]; voice.setAttribute("aria-pressed", String(S.voice[chat])); place(); input.focus(); } }, icon("mic"));
  const pick = (how, name, label, accept) => {
    const file = h("input", { type: "file", class: "visually-hidden", tabindex: "-1", "aria-hidden": "true", accept, onchange: () => { upload(chat, how, file); } });
    return [h("button", { type: "button", class: "plain", "aria-label": label, title: label, onclick: () => file.click() }, icon(name)), file];
  };
  const as = inGroup && h("label", {}, "发言人", h("select", { onchange: (event) => { S.as[chat] = event.target.value; drawPhoneAgain(chat); } },
    inGroup.members.map((id) => h("option", { value: id, selected: id === speaker(chat) }, nameOf(id)))));
  const chips = (S.sentences[role] || []).map((text) => h("button", { type: "button", onclick: (event) => {
    if (event.shiftKey) { input.value = text; input.focus(); } else send(text);
  }, title: "点一下就发送；按住 Shift 只填入" }, text));
  return h("div", { class: "composer" }, h("div", { class: "chips", role: "group", "aria-label": "例句" }, chips),
    h("div", { class: "bar" }, voice,
      h("button", { type: "button", class: "plain", "aria-label": "发送位置", title: "发送位置", onclick: () => askPlace(chat) }, icon("pin")),
      pick("image", "image", "发送图片", "image/*"), pick("file", "file", "发送文件", ""), as),
    h("div", { class: "line" }, input, h("button", { type: "button", class: "primary", onclick: () => send(input.value) }, "发送")));
}
function drawPhoneAgain(chat) {
  const old = document.querySelector(`.phone[data-chat="${CSS.escape(chat)}"]`);
  if (old) old.state = null;
  drawPhones();
}
function reskin(chat) {
  S.looks[chat] = look(chat) === "wecom" ? "dingtalk" : "wecom";
  drawPhones();
}
const logOf = (chat) => document.querySelector(`.phone[data-chat="${CSS.escape(chat)}"] .log`);
function bottom(log) {
  log.scrollTop = log.scrollHeight;
}
function append(log, item, fresh) {
  log.querySelector(".hint")?.remove();
  const last = log.lastElementChild;
  if (!last || !last.dataset.at || new Date(item.at) - new Date(last.dataset.at) > 5 * 60e3) log.append(h("p", { class: "when" }, moment(item.at)));
  const node = drawItem(item, fresh);
  log.append(node);
  if (node.offsetHeight > log.clientHeight) log.scrollTop = node.offsetTop - log.offsetTop - 8; // a tall card is read from its top
  else bottom(log);
}
function drawItem(item, fresh) {
  if (item.kind === "card") return h("div", { class: "row bot", "data-key": item.key, "data-at": item.at }, botAvatar(), h("div", {}, drawCard(item, fresh)));
  const about = { "data-at": item.at };
  if (item.how === "click") return h("p", { class: "press", ...about }, `${nameOf(item.from)} 点了「${item.text}」`);
  const own = speaker(item.chat) === item.from;
  const sign = { voice: "mic", location: "pin", image: "image", file: "file" }[item.how];
  const content = item.media ? h("img", { src: item.media, alt: item.text }) : item.text || "位置";
  return h("div", { class: `row ${own ? "own" : ""}`, ...about }, avatar(`u:${item.from}`),
    h("div", {}, group(item.chat) && !own ? h("p", { class: "name" }, nameOf(item.from)) : null,
      h("div", { class: "bubble" }, sign && !item.media ? icon(sign) : null, content)));
}
const wasPressed = (chat, action) => S.items.some((item) => item.how === "click" && item.chat === chat && item.action === action);
function drawCard(item, fresh) {
  const card = item.card;
  const marks = [item.why === "push" ? h("i", {}, "通知") : null, item.updated ? h("i", { class: "changed" }, `已更新 ${hour(item.updated)}`) : null];
  const body = card.blocks.map((block) => {
    if (block.kind === "text") return h("p", {}, block.text);
    if (block.kind === "items") return h("ul", {}, block.lines.map((line) => h("li", {}, line)));
    return h("dl", {}, block.rows.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
  });
  const files = card.files.map((name, n) => h("p", {}, h("a", { href: `playground/file/${encodeURIComponent(item.key)}/${n}`, download: name }, `下载 ${name}`)));
  const looks = (button) => (button.style === "primary" ? "primary" : "") + (wasPressed(item.chat, button.action) ? " pressed" : "");
  const buttons = card.buttons.map((button, n) => h("li", {}, h("button", { type: "button", class: looks(button), "data-action": button.action, onclick: async (event) => {
    const pressed = event.currentTarget;
    pressed.disabled = true;
    await say(item.chat, { click: button.action });
    pressed.disabled = false;
  } }, h("b", { "aria-hidden": "true" }, String(n + 1)), button.text)));
  return h("article", { class: `card ${card.tone} ${fresh ? "fresh" : ""}` }, h("div", { class: "source" }, S.bot, marks),
    h("div", { class: "card-head" }, h("span", { class: "tone", role: "img", "aria-label": TONES[card.tone] }, icon(card.tone)), h("h3", {}, card.title)),
    body.length || files.length ? h("div", { class: "card-body" }, body, files) : null,
    buttons.length ? h("ol", { class: "acts" }, buttons) : null);
}

// ---------------------------------------------------------------- events
function gist(event) {
  const d = event.data || {};
  if (d.visit && d.visit.start) return `${d.visit.customer_name} · ${nameOf(d.visit.rep)} · ${moment(d.visit.start)}`;
  if (d.kinds) return d.kinds.map((kind) => KINDS[kind] || kind).join("、");
  if (d.approval) return `${KINDS[d.approval.kind] || d.approval.kind} · ${nameOf(d.approval.by)} → ${d.approval.approvers.map(nameOf).join("、")}`;
  if (d.customer && d.customer.name) return d.customer.name;
  if (d.leave) return nameOf(d.leave.member);
  if (d.task) return `${d.task.title} · ${nameOf(d.task.assignee)}`;
  return d.to ? `发给 ${[d.to].flat().map(nameOf).join("、")}` : d.action || "";
}
function drawEvents() {
  $("event-count").textContent = String(S.events.length);
  if ($("ticker").hidden) return;
  $("events").replaceChildren(...S.events.slice(-150).reverse().map((event) => h("li", {}, h("details", {},
    h("summary", {}, h("strong", {}, EVENTS[event.name] || event.name), h("small", {}, moment(event.at).replace(/ 周./, "")), h("small", {}, gist(event))),
    h("pre", {}, `${event.name}\n${JSON.stringify(event.data, null, 1)}`)))));
  if (!S.events.length) $("events").append(h("li", {}, "还没有事件，先约一次拜访吧"));
}

// ---------------------------------------------------------------- dialogs
function dialog(title, body, buttons) {
  $("dialog-title").textContent = title;
  $("dialog-body").replaceChildren(...body);
  $("dialog-buttons").replaceChildren(...buttons.map(([text, style, act]) => h("li", {}, h("button", { type: "button", class: style, onclick: () => { if (!act || act() !== false) $("dialog").close(); } }, text))));
  $("dialog").showModal();
}
function askPlace(chat) {
  const spots = [...S.places, { label: "路上（离客户很远）", lat: 31.9, lng: 119.2 }];
  const pick = (spot) => h("button", { type: "button", onclick: () => { $("dialog").close(); say(chat, { location: spot }); } }, spot.label);
  dialog("发送位置", [h("p", {}, "选一个地点，就像在手机上发送定位。"), h("div", { class: "places" }, spots.map(pick))], [["取消", ""]]);
}
function askTime() {
  const field = h("input", { type: "datetime-local", min: local(S.now).toISOString().slice(0, 16), value: local(S.now).toISOString().slice(0, 16), "aria-label": "要去的时间" });
  dialog("把时钟拨到", [h("p", {}, "只能往前走；路上到点的提醒会按顺序发出。"), field],
    [["取消", ""], ["拨过去", "primary", () => { if (!field.value) return false; post("clock", { to: `${field.value}:00+08:00` }); return true; }]]);
}
function tomorrow() {
  const day = new Date(local(S.now).getTime() + 864e5).toISOString().slice(0, 10);
  post("clock", { to: `${day}T08:30:00+08:00` });
}
async function upload(chat, how, input) {
  const [file] = input.files;
  input.value = "";
  if (!file) return;
  if (file.size > 10 * 1024 * 1024) { toast("文件太大，最多 10 MB"); return; }
  const kept = await post(`upload?name=${encodeURIComponent(file.name)}`, file, "application/octet-stream");
  if (kept) say(chat, { [how]: kept.token });
}

// ---------------------------------------------------------------- start
document.addEventListener("DOMContentLoaded", () => {
  recall();
  for (const button of document.querySelectorAll("[data-minutes]")) button.onclick = () => post("clock", { minutes: Number(button.dataset.minutes) });
  for (const button of document.querySelectorAll("[data-look]")) button.onclick = () => { S.look = button.dataset.look; S.looks = {}; remember(); drawAll(); };
  $("tomorrow").onclick = tomorrow;
  $("pick-time").onclick = askTime;
  $("ticker-toggle").onclick = () => {
    $("ticker").hidden = !$("ticker").hidden;
    $("ticker-toggle").setAttribute("aria-expanded", String(!$("ticker").hidden));
    drawEvents();
  };
  $("reset").onclick = () => dialog("重置演示环境", [h("p", {}, "清空所有对话，客户和拜访恢复成样例，时钟回到起点。")],
    [["取消", ""], ["重置", "primary", () => { S.story = null; post("reset", {}); }]]);
  $("story").onclick = () => { if (S.stories.length) startStory(S.stories[0]); };
  narrow.addEventListener("change", () => drawAll());
  connect();
});
