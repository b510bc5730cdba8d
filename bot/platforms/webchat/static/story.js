"use strict";
// Playing a story step by step; shares the helpers of playground.js, which is loaded first.

function startStory(story) {
  const begin = async () => {
    if (!await post("reset", {})) return;
    S.story = { story, next: 0, busy: false };
    showFor(story.steps[0]);
    drawStory();
  };
  if (!S.items.length) { begin(); return; }
  dialog(story.title, [h("p", {}, "故事从头开始：现在的对话会清空，时钟回到起点。")], [["取消", ""], ["开始", "primary", () => { begin(); }]]);
}
function showFor(step) {
  show(step.show.map((id) => `u:${id}`), `u:${step.from}`);
}
function drawStory() {
  const bar = $("story-bar");
  bar.hidden = !S.story;
  if (!S.story) return;
  const { story, next, busy } = S.story;
  const step = story.steps[next];
  const told = next ? story.steps[next - 1].caption : "三个团队、一周之内、同一家客户：过去谁也不知道谁，客户一周接待三拨人。看机器人怎么拦住这件事。";
  const deciding = step && step.or;
  const caption = deciding ? step.caption : step ? told : "故事讲完了，所有人都收到了通知。现在可以在任意一台手机上继续试，或者重置。";
  const acts = [];
  if (step && deciding) acts.push(["", step], ["", step.or]);
  else if (step) acts.push([next ? "下一步" : "开始", step]);
  bar.replaceChildren(
    h("div", { class: "text" }, h("strong", {}, `${story.title} · ${Math.min(next + (deciding ? 1 : 0), story.steps.length)}/${story.steps.length}`), h("p", {}, caption)),
    h("div", { class: "acts" }, acts.map(([label, how]) => h("button", { type: "button", disabled: busy, onclick: () => playStep(step, how) }, label || how.press)),
      h("button", { type: "button", class: "quiet", onclick: () => { S.story = null; drawStory(); } }, step ? "退出" : "关闭")));
}
const pause = (ms) => new Promise((done) => { setTimeout(done, matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : ms); });
async function playStep(step, how) {
  const story = S.story;
  const chat = `u:${step.from}`;
  story.busy = true;
  drawStory();
  showFor(step);
  const cards = S.items.filter((item) => item.kind === "card" && item.chat === chat);
  const button = how.press && cards.reverse().flatMap((item) => item.card.buttons).find((b) => b.text === how.press);
  let went;
  if (button) {
    await pause(500);
    went = await say(chat, { click: button.action });
  } else {
    const input = document.querySelector(`.phone[data-chat="${CSS.escape(chat)}"] .line input`);
    for (let n = 1; n <= how.text.length; n += 1) {
      input.value = how.text.slice(0, n);
      await pause(35);
    }
    went = await say(chat, { text: how.text });
    input.value = "";
  }
  story.busy = false;
  if (went) seen(story, step);
  drawStory();
}
function seen(story, step) { // also when somebody pressed the button in the phone instead
  if (story.story.steps[story.next] === step) story.next += 1;
}
function storySees(item) {
  const step = S.story && !S.story.busy && S.story.story.steps[S.story.next];
  if (!step || item.kind !== "said" || item.from !== step.from) return;
  if (![step, step.or].some((way) => way && [way.text, way.press].includes(item.text))) return;
  seen(S.story, step);
  drawStory();
}
