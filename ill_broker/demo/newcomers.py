"""Who else borrows in the demonstration, and what they type: their desks register most of them."""

from typing import Any

from ill_broker.demo.consortium import PASSWORD


def _newcomer(number: int, name: str, login: str, home: str, language: str = "zh") -> dict[str, str]:
    return {
        "card_number": f"{number}",
        "name": name,
        "mobile": f"138{number % 10**8:08}",
        "email": f"{login}@{home}.example",
        "language": language,
    }


#: by library; what their desks ask for is asked for each in turn
NEWCOMERS: dict[str, list[dict[str, str]]] = {
    "bjtu": [
        _newcomer(21251011, "王敏", "wang.min", "bjtu"),
        _newcomer(21251012, "陈思远", "chen.siyuan", "bjtu"),
        _newcomer(21251013, "Joseph Okafor", "okafor", "bjtu", "en"),
        _newcomer(21251014, "刘洋", "liu.yang", "bjtu"),
        _newcomer(21251015, "赵雪", "zhao.xue", "bjtu"),
        _newcomer(21251016, "孙立人", "sun.liren", "bjtu"),
        _newcomer(21251017, "María Fernández", "fernandez", "bjtu", "en"),
        _newcomer(21251018, "何静", "he.jing", "bjtu"),
    ],
    "pku": [
        _newcomer(10012011, "郑一鸣", "zheng.yiming", "pku"),
        _newcomer(10012012, "Anna Petrova", "petrova", "pku", "en"),
        _newcomer(10012013, "冯晓", "feng.xiao", "pku"),
    ],
}


def _himself(number: int, name: str, login: str, home: str) -> dict[str, Any]:
    return _newcomer(number, name, login, home) | {"home": home, "password": PASSWORD}


#: registers himself, and is suspended
SUSPENDED = _himself(21251019, "吴强", "wu.qiang", "bjtu")
#: has just been registered, and owes nothing
FREE = _newcomer(21251020, "王芳", "wang.fang", "bjtu")
#: type what their desk asks another library for by hand
TYPING = (_himself(10012021, "周明", "zhou.ming", "pku"), _himself(10012022, "徐琳", "xu.lin", "pku"))
#: what they type: works that the library that is asked by hand has in its stacks alone
IN_STACKS = (
    {"title": "京张铁路工程纪略", "author": "詹天佑", "year": 1915},
    {"title": "中国铁路史", "author": "曾鲲化", "year": 1924},
    {"title": "唐山路矿学堂概览", "author": "交通部"},
    {"title": "平汉铁路年鉴", "author": "平汉铁路管理委员会", "year": 1932},
    {"title": "铁路管理学", "author": "赵传云"},
    {"title": "津浦铁路指南", "year": 1921},
    {"title": "交通史路政编", "author": "交通铁道部交通史编纂委员会", "year": 1935},
    {"title": "胶济铁路接收四周纪要", "year": 1927},
)
#: what a reader wishes for and nobody can lend now
WISHED = (
    {"title": "营造法式", "author": "李诫", "year": 1925},
    {"title": "天工开物", "author": "宋应星"},
)
#: what else has been typed at the desk that is shown
TYPED_TOO = {"title": "中国古代桥梁", "author": "唐寰澄", "year": 1957}
#: what no search has found, and what the desk asks about the last of it
TYPED = (
    {"citation": {"title": "北京植物志", "author": "贺士元"}, "note": "一九六二年版也可以。"},
    {"citation": {"title": "植物名实图考", "author": "吴其濬"}, "note": "只要卷一。"},
)
QUESTION = "您要影印本还是点校本？"
