"""Measure the union catalogue: `python bench/catalogue.py [--records 250000] [--queries 300]`.

Fills it with invented Chinese and English titles, each at two of forty libraries, on SQLite and on
PostgreSQL, and searches it by characters, by pinyin, by words and by ISBN. The limit beside each figure is
the same database answering the cheapest question that it can be asked by the same connection, in the same
minutes.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from pypinyin import lazy_pinyin
from sqlalchemy import text
from stdnum import ean

from ill_broker import clock
from ill_broker.services.discovery.catalogue import Catalogue, entry
from ill_broker.storage import catalogue as rows
from ill_broker.storage.catalogue import Harvest
from ill_broker.storage.migrations import migrate
from ill_broker.storage.store import Store
from tests.support.postgres import Cluster
from workflows.citation import Citation, Hit, Holding, Query
from workflows.ids import LibraryCode

T = TypeVar("T")
LIBRARIES, BATCH = 40, 1_000
#: each work is at two libraries, so many places apart
COPIES, APART = 2, 7


def _words(text: str) -> list[str]:
    return text.split()


SUBJECTS = _words(
    "中国 世界 现代 当代 古代 明清 唐宋 西方 东亚 江南 北京 上海 敦煌 长江 农村 城市 民国"
    " 数字 智能 环境 法律 经济 金融 教育 心理 语言 文学 诗歌 小说 戏曲 电影 音乐 美术 建筑"
    " 园林 医学 中医 药物 化学 物理 数学 统计 材料 机械 电子 网络 软件"
)
TOPICS = _words(
    "思想 制度 社会 文化 历史 理论 方法 技术 工程 管理 政策 市场 人口 家庭 妇女 儿童 宗教"
    " 哲学 伦理 艺术 传播 翻译 批评 考古 地理 生态 能源 交通 贸易 财政 税收 银行 保险 企业"
    " 组织 创新 设计 制造 控制 优化 系统 结构 演变 发展 改革 比较 交流"
)
KINDS = _words(
    "研究 概论 导论 史 史纲 教程 论丛 论集 手册 词典 选读 资料汇编 案例 分析 基础 原理 实践 入门 新探 述评"
)
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂兰文辉力玲玉华建国志远思雨晨曦子涵"
WORDS = _words(
    "history theory modern introduction chinese society economic culture political philosophy language"
    " literature science technology urban rural environment education psychology music art architecture"
    " medicine chemistry physics mathematics statistics engineering design systems network software data"
    " analysis methods practice principles handbook essays studies global regional social legal financial"
    " banking trade energy climate river empire revolution war peace women children religion ethics film"
)
NAMES = _words("Smith Müller García Brown Johnson Lee Martin Dubois Rossi Novák Svensson Tanaka Kim Nguyen")


def works(seed: int = 1) -> Iterator[Citation]:
    """Return invented works without an end: seven of ten Chinese."""
    dice = random.Random(seed)
    number = 0
    while True:
        number += 1
        isbn = f"9787{dice.randrange(10**8):08d}"
        numbered: dict[str, Any] = {
            "isbn": isbn + ean.calc_check_digit(isbn),
            "year": dice.randrange(1950, 2026),
        }
        if dice.random() < 0.7:
            more = dice.choice(("", "与" + dice.choice(TOPICS)))
            title = dice.choice(SUBJECTS) + dice.choice(TOPICS) + more
            author = dice.choice(SURNAMES) + "".join(dice.choices(GIVEN, k=dice.choice((1, 2, 2))))
            yield Citation(title=title + dice.choice(KINDS), author=author, **numbered)
        else:
            title = " ".join(dice.choices(WORDS, k=dice.randrange(2, 7))).capitalize()
            yield Citation(title=title, author=f"{dice.choice(NAMES)}, A.", language="eng", **numbered)


def fill(store: Store, count: int) -> float:
    """Store so many records and return in how many seconds."""
    began, found = time.monotonic(), works()
    for start in range(0, count // COPIES, BATCH):
        batch = list(islice(found, min(BATCH, count // COPIES - start)))
        for copy in range(COPIES):
            library = LibraryCode(f"m{(start // BATCH + copy * APART) % LIBRARIES:02}")
            entries = [
                entry(f"{number}", Hit(citation=citation, holdings=_holdings(library, number)))
                for number, citation in enumerate(batch, start)
            ]
            store.write(partial(rows.put, library=library, entries=entries, at_round=1))
    for place in range(LIBRARIES):
        state = Harvest(library=LibraryCode(f"m{place:02}"), current_until=clock.now().replace(year=2999))
        store.write(partial(rows.save, harvest=state))
    store.write(rows.refresh_statistics)
    return time.monotonic() - began


def _holdings(library: LibraryCode, number: int) -> tuple[Holding, ...]:
    return (Holding(library=library, record_id=f"r{number}", barcode=f"{number:010}", call_number="K2/1"),)


def asked(count: int) -> dict[str, list[Query]]:
    """Return the queries by their kind; each looks for something that is there."""
    dice, known = random.Random(2), list(islice(works(), 20_000))
    chinese = [one for one in known if one.language == "chi"]
    english = [one for one in known if one.language == "eng"]

    def some(of: list[Citation], make: Callable[[Citation], Query]) -> list[Query]:
        return [make(dice.choice(of)) for _ in range(count)]

    return {
        "title": some(chinese, lambda one: Query(text=one.title)),
        "one character": some(chinese, lambda one: Query(text=one.title[0])),
        "two characters": some(chinese, lambda one: Query(text=one.title[:2])),
        "pinyin, spaced": some(chinese, lambda one: Query(text=" ".join(lazy_pinyin(one.title)))),
        "pinyin, joined": some(chinese, lambda one: Query(title="".join(lazy_pinyin(one.title[:4])))),
        "English title": some(english, lambda one: Query(text=one.title)),
        "one English word": some(english, lambda one: Query(text=dice.choice(one.title.split()))),
        "author": some(english, lambda one: Query(author=one.author, title=one.title.split()[0])),
        "ISBN": some(known, lambda one: Query(isbn=one.isbn)),
        "nothing there": some(chinese, lambda one: Query(text=one.title[::-1] + "鼎")),
    }


def measure(name: str, store: Store, count: int, queries: dict[str, list[Query]]) -> None:
    filled = fill(store, count)
    print(f"\n{name}: {count} records in {filled:.0f} s, {count / filled:.0f} a second")
    catalogue, now = Catalogue(store), clock.now()
    for kind, those in queries.items():
        mine: list[float] = []
        work: list[float] = []
        bare: list[float] = []
        hits: list[int] = []
        for query in those:
            bare.append(_timed(partial(_bare, store))[0])
            busy = time.thread_time()
            took, found = _timed(partial(catalogue.find, query, now))
            work.append((time.thread_time() - busy) * 1000)
            mine.append(took)
            hits.append(len(found.hits))
        beside = f"our CPU {_line(work)}   limit {_line(bare)}   hits {statistics.median(hits):.0f}"
        print(f"  {kind:<18} {_line(mine)}   {beside}")


def _bare(store: Store) -> None:
    with store.reading() as conn:
        conn.execute(text("SELECT 1")).scalar()


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    began = time.perf_counter()
    made = work()
    return (time.perf_counter() - began) * 1000, made


def _line(took: list[float]) -> str:
    ranked = sorted(took)
    return f"p50 {statistics.median(ranked):6.2f} ms  p99 {ranked[int(len(ranked) * 0.99)]:6.2f} ms"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=250_000)
    parser.add_argument("--queries", type=int, default=300)
    options = parser.parse_args()
    queries = asked(options.queries)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        cluster = stack.enter_context(Cluster(durable=True))
        for name, url in (("SQLite", f"sqlite:///{folder}/bench.db"), ("PostgreSQL", cluster.new_database())):
            migrate(url)
            store = Store.open(url)
            stack.callback(store.close)
            measure(name, store, options.records, queries)


if __name__ == "__main__":
    main()
