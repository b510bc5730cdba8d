"""Which template cards qyapi takes, and the errcode for those it doesn't (wecom.md 3.3, 3.6)."""

import re
from collections.abc import Mapping

TASK_ID = re.compile(r"[0-9A-Za-z_\-@]{1,128}\Z")
TYPES = ("text_notice", "news_notice", "button_interaction", "vote_interaction", "multiple_interaction")
CALLING_BACK = ("button_interaction", "vote_interaction", "multiple_interaction")
KNOWN = frozenset(
    (
        "card_type",
        "source",
        "action_menu",
        "task_id",
        "main_title",
        "emphasis_content",
        "quote_area",
        "sub_title_text",
        "horizontal_content_list",
        "vertical_content_list",
        "jump_list",
        "card_action",
        "card_image",
        "image_text_area",
        "button_selection",
        "button_list",
        "checkbox",
        "select_list",
        "submit_button",
        "replace_text",
        "feedback",
    )
)


def _size(value: object) -> int:
    return len(value.encode()) if isinstance(value, str) else 10**9


def fault(card: object, *, update: bool = False, webhook: bool = False) -> int:
    """0 for a card that is right, else the errcode. `update`: without task id; `webhook`: no buttons."""
    if not isinstance(card, Mapping) or not set(card) <= KNOWN:
        return 40058
    kind = card.get("card_type")
    if kind not in TYPES or (webhook and kind not in TYPES[:2]):
        return 42031
    for check in (_title, _rows, _jumps, _action, _buttons):
        if code := check(card):
            return code
    if "replace_text" in card and not update:
        return 40058
    return 0 if update or webhook else _task(card)


def _title(card: Mapping[str, object]) -> int:
    title = card.get("main_title")
    text = title.get("title") if isinstance(title, Mapping) else ""
    if card["card_type"] == "text_notice" and not text and not card.get("sub_title_text"):
        return 42033
    # "字" limits are suggestions (cut in display); this fake keeps to them, so that nothing we send is ever cut.
    if len(str(text or "")) > 36 or len(str(card.get("sub_title_text") or "")) > 160:
        return 42033
    if isinstance(title, Mapping) and len(str(title.get("desc") or "")) > 44:
        return 42033
    return 0 if card["card_type"] != "button_interaction" or text else 42033


def _rows(card: Mapping[str, object]) -> int:
    rows = card.get("horizontal_content_list", [])
    if not isinstance(rows, list) or len(rows) > 6:
        return 42035
    for row in rows:
        if not isinstance(row, Mapping) or not 1 <= len(str(row.get("keyname") or "")) <= 5:
            return 42035
        if len(str(row.get("value") or "")) > 30:
            return 42035
    return 0


def _jumps(card: Mapping[str, object]) -> int:
    jumps = card.get("jump_list", [])
    return 42036 if not isinstance(jumps, list) or len(jumps) > 3 else 0


def _action(card: Mapping[str, object]) -> int:
    action = card.get("card_action")
    if card["card_type"] in TYPES[:2] and not isinstance(action, Mapping):
        return 42045
    if isinstance(action, Mapping):
        if action.get("type") not in (0, 1, 2):
            return 42045
        if action.get("type") == 1 and not str(action.get("url") or "").startswith("http"):
            return 42028
    return 0


def _buttons(card: Mapping[str, object]) -> int:
    if card["card_type"] != "button_interaction":
        return 0
    buttons = card.get("button_list")
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= 6:
        return 42037
    keys = []
    for button in buttons:
        if not isinstance(button, Mapping) or not 1 <= len(str(button.get("text") or "")) <= 10:
            return 42038
        if not 1 <= _size(button.get("key")) <= 1024:
            return 42039
        if button.get("style", 1) not in (1, 2, 3, 4):
            return 40058
        keys.append(button["key"])
    return 42051 if len(set(keys)) != len(keys) else 0


def _task(card: Mapping[str, object]) -> int:
    task = card.get("task_id")
    if task is None:
        return 42014 if card["card_type"] in CALLING_BACK else 0
    return 0 if isinstance(task, str) and TASK_ID.match(task) else 42014
