"""A book of made-up Chinese companies of any size, hard on purpose: brands that collide, sound or look alike, groups, branches.

The words are lists of our own (places are the official ones), not the lexicon the engine cuts names with: what it does not know
must occur here as it occurs outside.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from domain.matching import Record

_PLACES = Path(__file__).parents[1] / "domain" / "matching" / "data" / "places.txt"
_LUCKY = "华信鑫源宏达盛泰恒瑞金龙兴隆中天海润东方新创联合正大永安德顺丰汇康博远景明辉泽凯祥嘉诚立信亿腾飞鹏程宇航星辰光耀昌荣锦绣禾丰乐邦伟业佳美优品智慧科创锐捷"
BRANDLY = (
    "安奥白百邦宝北贝本毕碧滨波博才彩策昌长畅超辰晨诚驰春纯慈达大丹德迪点顶鼎定东栋多尔发帆方飞菲丰峰锋凤福富冈高格耕庚冠光广桂国海汉杭航豪昊浩和合河赫恒衡弘宏鸿"
    "湖虎互花华怀环桓皇辉汇惠慧火吉集纪际济佳加家嘉坚建健江疆捷金锦劲京晶精景靖久钜聚巨君俊骏卡凯康科可坤蓝朗乐雷磊黎力立丽利联良亮林霖灵凌领龙隆鲁路绿伦罗洛马迈曼茂美"
    "蒙米民敏明鸣铭莫牧南宁牛诺欧派攀磐沛鹏鹏品平普谱齐启奇骐企千前强乔勤青清擎庆秋群仁日荣融柔如锐瑞润若赛三森山尚绍申深神生声盛圣石时世仕首舒双顺思斯松硕苏素速泰塔台坦"
    "腾天田铁通同统途图拓万网旺威维伟卫蔚文沃吴五武希西夕熙喜先贤祥翔向晓欣新馨鑫信兴星行雄修秀旭轩宣雪迅雅亚言研衍彦阳洋尧耀业一伊怡宜亦易益逸毅音银英盈营永勇优友佑宇"
    "雨语玉育昱裕誉元原源远悦跃越云允运韵泽展张昭兆哲真振征正之志致智中忠众州洲竹助卓姿子紫宗纵祖钻尊佐"
)
_RARE = "翊鋆犇焱燊垚喆烨赟昇甯淼骉珩玥琮瑢翀祎骁晟曜钰铧砼醍熠禧旎瀚濠煜燚彧骞霆頔昀璟镕鎏槿骥犀麒麟翮羿翎珞玖"
_SYLLABLES = "艾阿安奥巴贝比博布达迪杜尔法菲弗戈格哈赫吉杰卡凯科克库拉莱雷里丽利林卢路罗洛马迈曼梅蒙米莫姆纳尼诺欧帕佩普奇乔萨塞沙史斯苏塔泰特托瓦威维沃西希夏雅伊尤扎佐"
TRADES = [
    "科技",
    "科技发展",
    "网络科技",
    "信息技术",
    "信息科技",
    "软件",
    "软件技术",
    "数据服务",
    "智能科技",
    "智能装备",
    "电子",
    "电子科技",
    "微电子",
    "光电",
    "光电科技",
    "半导体",
    "集成电路",
    "通信",
    "通信技术",
    "自动化",
    "自动化设备",
    "机器人",
    "仪器仪表",
    "机械",
    "机械制造",
    "机电设备",
    "精密机械",
    "精密制造",
    "模具",
    "数控机床",
    "重工",
    "装备制造",
    "汽车零部件",
    "汽车配件",
    "汽车销售服务",
    "轴承",
    "阀门",
    "泵业",
    "电机",
    "电气",
    "电气设备",
    "电缆",
    "电力设备",
    "电力工程",
    "新能源",
    "新能源科技",
    "光伏",
    "锂电池",
    "环保",
    "环保科技",
    "环境工程",
    "水务",
    "节能科技",
    "化工",
    "精细化工",
    "塑料制品",
    "塑胶",
    "橡胶制品",
    "新材料",
    "新型建材",
    "建材",
    "陶瓷",
    "玻璃",
    "石材",
    "门窗",
    "钢结构",
    "钢铁",
    "不锈钢制品",
    "五金",
    "五金制品",
    "铝业",
    "铜业",
    "建筑工程",
    "建设工程",
    "市政工程",
    "装饰工程",
    "装饰设计",
    "园林绿化",
    "景观设计",
    "房地产开发",
    "置业",
    "物业管理",
    "物业服务",
    "酒店管理",
    "餐饮管理",
    "食品",
    "食品科技",
    "粮油",
    "乳业",
    "饮料",
    "酒业",
    "茶业",
    "农业科技",
    "农业发展",
    "畜牧",
    "种业",
    "水产",
    "生物科技",
    "生物医药",
    "医药",
    "医药科技",
    "医疗器械",
    "医疗科技",
    "药业",
    "健康管理",
    "健康科技",
    "日化",
    "化妆品",
    "服饰",
    "服装",
    "纺织",
    "针织",
    "鞋业",
    "皮革制品",
    "家具",
    "家居用品",
    "家电",
    "玩具",
    "礼品",
    "包装",
    "包装材料",
    "印刷",
    "纸业",
    "文化传媒",
    "文化传播",
    "广告传媒",
    "广告",
    "影视传媒",
    "教育科技",
    "教育咨询",
    "体育文化",
    "旅游",
    "国际旅行社",
    "物流",
    "供应链管理",
    "国际货运代理",
    "运输",
    "仓储",
    "贸易",
    "国际贸易",
    "进出口",
    "商贸",
    "实业",
    "实业发展",
    "投资",
    "投资管理",
    "资产管理",
    "融资租赁",
    "企业管理咨询",
    "人力资源",
    "劳务派遣",
    "检测技术",
    "认证服务",
    "知识产权代理",
    "安防科技",
    "消防工程",
    "弱电工程",
    "电梯",
    "制冷设备",
    "暖通设备",
    "船舶工程",
    "航空科技",
    "矿业",
    "煤炭",
    "石油化工",
    "燃气",
    "珠宝",
    "眼镜",
    "宠物用品",
    "母婴用品",
    "电子商务",
    "直播运营",
    "游戏",
    "动漫科技",
    "会展服务",
    "家政服务",
    "汽车租赁",
    "二手车交易",
    "再生资源",
]
FORMS = (
    ("有限公司",) * 11 + ("有限责任公司",) * 2 + ("股份有限公司",) * 4 + ("集团有限公司", "集团股份有限公司", "控股有限公司", "")
)
_HOSTS = ("com", "cn", "com.cn", "net")
FREE_HOSTS = ("qq.com", "163.com", "126.com", "gmail.com", "foxmail.com", "outlook.com", "sina.com")
_AREAS = ("010", "021", "0512", "0755", "020", "0571", "025", "028", "0532", "0536")
USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


@dataclass(frozen=True, slots=True)
class Company:
    """A company with what its name was made of; `head` = the place stands in front, else in brackets behind the brand."""

    id: str
    place: str
    brand: str
    trade: str
    form: str
    head: bool = True
    phone: str = ""
    email: str = ""
    uscc: str = ""
    branch: str = field(default="")

    @property
    def name(self) -> str:
        place = self.place if self.head else ""
        behind = f"({self.place})" if self.place and not self.head else ""
        return f"{place}{self.brand}{behind}{self.trade}{self.form}{self.branch}"

    @property
    def record(self) -> Record:
        return Record(self.id, self.name, (), (self.phone,) if self.phone else (), (self.email,) if self.email else (), self.uscc)


def cities() -> list[str]:
    """Provinces and cities, without suffix."""
    out: list[str] = []
    for line in _PLACES.read_text("utf-8").splitlines():
        province, city, *_ = line.split(" ")
        out += [province] if city == "-" else [city, city, city, province]
    return out


def check_digit(code: str) -> str:
    """The 18th character of a 统一社会信用代码 (GB 32100-2015)."""
    total = sum(USCC.index(c) * w for c, w in zip(code, _WEIGHTS, strict=True))
    return USCC[(31 - total % 31) % 31]


def brands(dice: random.Random, n: int) -> list[str]:
    """Brands as they are spread outside: some thousands that everybody takes, and many that few have."""
    common = [a + b for a in _LUCKY for b in _LUCKY if a != b]
    dice.shuffle(common)
    out: list[str] = []
    for _ in range(n):
        kind = dice.random()
        if kind < 0.25:
            out.append(common[min(int(dice.paretovariate(0.55)), len(common)) - 1])
        elif kind < 0.58:
            out.append(dice.choice(BRANDLY) + dice.choice(BRANDLY))
        elif kind < 0.70:
            out.append("".join(dice.choice(BRANDLY) for _ in range(3)))
        elif kind < 0.78:
            out.append("".join(dice.choice(_SYLLABLES) for _ in range(dice.choice((3, 3, 4)))))
        elif kind < 0.90:
            out.append(dice.choice(BRANDLY) + dice.choice(_LUCKY) + dice.choice(("", "", dice.choice(BRANDLY))))
        elif kind < 0.96:
            out.append(
                dice.choice(_RARE) + dice.choice(BRANDLY) if dice.random() < 0.5 else dice.choice(BRANDLY) + dice.choice(_RARE)
            )
        else:
            out.append("".join(dice.choice(BRANDLY) for _ in range(4)))
    return out


def book(size: int, seed: int = 5) -> Iterator[Company]:
    """`size` companies, the same ones for the same seed; about 1 % are branches of an earlier one."""
    dice = random.Random(seed)
    where = cities()
    recent: list[Company] = []
    for n in range(size):
        if n % 5000 == 0:
            names = brands(dice, 5000)
        brand = names[n % 5000]
        place = dice.choice(where) if dice.random() < 0.78 else ""
        place += dice.choice(("市", "", "", "")) if place else ""
        form, trade = dice.choice(FORMS), dice.choice(TRADES)
        trade = "" if "集团" in form and dice.random() < 0.4 else trade
        made = Company(f"c{n:07d}", place, brand, trade, form, dice.random() < 0.85, *_keys(dice, n))
        if recent and dice.random() < 0.01:
            made = _branch(dice, made, dice.choice(recent), dice.choice(where))
        elif not made.branch and made.form:
            recent = [*recent[-200:], made]
        yield made


def _branch(dice: random.Random, made: Company, of: Company, city: str) -> Company:
    tail = dice.choice(("分公司", "分公司", "办事处", "营业部"))
    return Company(
        made.id,
        of.place,
        of.brand,
        of.trade,
        of.form,
        of.head,
        made.phone,
        made.email,
        made.uscc,
        f"{city.removesuffix('市')}{tail}",
    )


def _keys(dice: random.Random, n: int) -> tuple[str, str, str]:
    phone = ""
    if dice.random() < 0.75:
        mobile = f"1{dice.choice('3456789')}{dice.randrange(10**9):09d}"
        phone = mobile if dice.random() < 0.8 else f"{dice.choice(_AREAS)}-{dice.randrange(6 * 10**7, 9 * 10**7)}"
    email = ""
    if dice.random() < 0.45:
        own = dice.random() < 0.6
        email = (
            f"sales{n % 97}@k{n:x}.{dice.choice(_HOSTS)}" if own else f"{dice.randrange(10**8, 10**9)}@{dice.choice(FREE_HOSTS)}"
        )
    code = ""
    if dice.random() < 0.4:
        body = "91" + f"{dice.randrange(110000, 660000)}" + "".join(dice.choice(USCC) for _ in range(9))
        code = body + check_digit(body)
    return phone, email, code
