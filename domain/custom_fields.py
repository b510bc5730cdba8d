"""Fields made in the chat (R187, R188): what they are called, which values they take, formulas over other fields."""

import ast
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

OBJECTS = {"customer": "客户", "visit": "拜访", "report": "纪要"}
KINDS = {"text": "文本", "number": "数字", "date": "日期", "single": "单选", "multiple": "多选", "formula": "公式"}
LONGEST = 200
_OPERATORS: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
}  # fmt: skip
_NAME = re.compile(r"[\u4e00-\u9fffA-Za-z][\u4e00-\u9fffA-Za-z0-9_]{0,19}")


@dataclass(frozen=True, slots=True)
class Field:
    """A field of customers, visits or reports; `options` of a choice, `formula` over numbers of the same object."""

    of: str
    name: str
    kind: str = "text"
    options: tuple[str, ...] = ()
    formula: str = ""
    required: bool = False

    def __post_init__(self) -> None:
        if self.of not in OBJECTS or self.kind not in KINDS:
            raise ValueError(f"no such object or kind: {self.of} {self.kind}")
        if not _NAME.fullmatch(self.name):
            raise ValueError("字段名用 1–20 个汉字、字母或数字，不能以数字开头")
        if self.kind in ("single", "multiple") and len(self.options) < 2:
            raise ValueError("选择字段至少要两个选项")
        if self.kind == "formula":
            check_formula(self.formula)

    def spec(self) -> dict[str, object]:
        """What is stored."""
        return {"kind": self.kind, "options": list(self.options), "formula": self.formula, "required": self.required}

    @classmethod
    def read(cls, object_: str, name: str, spec: Mapping[str, object]) -> "Field":
        """The inverse of `spec`."""
        options = spec.get("options")
        return cls(
            object_, name, str(spec.get("kind") or "text"), tuple(str(o) for o in options) if isinstance(options, list) else (),
            str(spec.get("formula") or ""), bool(spec.get("required")),
        )  # fmt: skip

    def words(self) -> str:
        """采购周期（单选：月度、季度、年度，必填）."""
        inside = KINDS[self.kind]
        if self.options:
            inside += "：" + "、".join(self.options)
        if self.formula:
            inside += "：" + self.formula
        return f"{self.name}（{inside}{'，必填' if self.required else ''}）"


def value_of(field: Field, text: str) -> object:
    """A typed value of a field from text; ValueError (in Chinese) when it does not fit."""
    clean = text.strip()
    if not clean or len(clean) > LONGEST:
        raise ValueError(f"{field.name}要填 1–{LONGEST} 个字")
    if field.kind == "formula":
        raise ValueError(f"{field.name}由公式算出，不能手工填写")
    if field.kind == "number":
        m = re.fullmatch(r"(-?\d+(?:\.\d+)?)\s*(?:个|人|家|台|套|元|天|次|%)?", clean.replace(",", ""))
        if m is None:
            raise ValueError(f"{field.name}要填数字")
        number = float(m[1])
        return int(number) if number.is_integer() else number
    if field.kind == "date":
        try:
            return date.fromisoformat(clean[:10]).isoformat()
        except ValueError:
            raise ValueError(f"{field.name}要填日期，例如 2026-06-12") from None
    if field.kind in ("single", "multiple"):
        chosen = [o for o in re.split(r"[、,，/\s]+", clean) if o]
        wrong = [o for o in chosen if o not in field.options]
        if wrong or (field.kind == "single" and len(chosen) != 1):
            raise ValueError(f"{field.name}只能填：{'、'.join(field.options)}")
        return chosen[0] if field.kind == "single" else chosen
    return clean


def check_formula(text: str) -> frozenset[str]:
    """The field names a formula uses; ValueError (in Chinese) for anything but numbers, names, + - * / and brackets."""
    try:
        tree = ast.parse(_plain(text), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ValueError("公式写得不对，只能用字段名、数字、加减乘除和括号") from None
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            names.add(node.id)
        elif isinstance(node, ast.Constant):
            if isinstance(node.value, bool) or not isinstance(node.value, int | float):
                raise ValueError("公式里只能用数字")
        elif not isinstance(node, ast.Expression | ast.BinOp | ast.UnaryOp | ast.Load | ast.USub | ast.UAdd | ast.operator) or (
            isinstance(node, ast.operator) and type(node) not in _OPERATORS
        ):
            raise ValueError("公式只能用字段名、数字、加减乘除和括号")
    if len(text) > LONGEST:
        raise ValueError(f"公式最长 {LONGEST} 个字")
    return frozenset(names)


def _plain(text: str) -> str:
    return text.translate(str.maketrans("×÷（）＋－", "*/()+-")).strip()


def compute(formula: str, values: Mapping[str, object]) -> float | None:
    """The value of a formula; None when a field is empty, no number, or something is divided by nothing."""
    check_formula(formula)
    try:
        result = _eval(ast.parse(_plain(formula), mode="eval").body, values)
    except (KeyError, TypeError, ZeroDivisionError, OverflowError):
        return None
    return round(result, 4)


def _eval(node: ast.expr, values: Mapping[str, object]) -> float:
    match node:
        case ast.Constant(value=int() | float() as value):
            return float(value)
        case ast.Name(id=name):
            found = values[name]
            if isinstance(found, bool) or not isinstance(found, int | float):
                raise TypeError(name)
            return float(found)
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -_eval(inner, values)
        case ast.UnaryOp(operand=inner):
            return _eval(inner, values)
        case ast.BinOp(left=left, op=op, right=right):
            return _OPERATORS[type(op)](_eval(left, values), _eval(right, values))
    raise TypeError("formula")


def read_field(text: str, name: str, options: tuple[str, ...]) -> Field:
    """The field a sentence describes; ValueError (in Chinese) when something is missing."""
    if re.search(r"拜访(?:表|计划|记录)|日程", text):
        object_ = "visit"
    else:
        object_ = "report" if re.search(r"报告|纪要|小结", text) else "customer"
    formula = re.search(r"[=＝]\s*(.+)$", text)
    kind = "text"
    if (formula and "公式" in text) or (formula and re.search(r"[+\-*/×÷]", formula[1])):
        return Field(object_, name, "formula", (), formula[1].strip("。 "), False)
    for code, word in KINDS.items():
        if word in text:
            kind = code
    if kind == "text" and options:
        kind = "single"
    if kind == "text" and re.search(r"(?:人数|数量|金额|天数|次数|台数|面积|比例)$", name):
        kind = "number"
    return Field(object_, name, kind, options if kind in ("single", "multiple") else (), "", "必填" in text)
