"""Letters about a patron's own account, in Chinese and English, and how they come into the outbox."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from ill_broker import mint
from ill_broker.storage.outbox import Entry
from workflows.patrons import Patron

#: the kind of the outbox entry; its body is to, subject, text, language
KIND = "mail"


@dataclass(frozen=True, slots=True)
class Wording:
    """A letter in one language, with gaps."""

    subject: str
    text: str


VERIFY: Mapping[str, Wording] = MappingProxyType(
    {
        "en": Wording(
            "Please confirm your e-mail address",
            "Dear {name},\n\n"
            "This address was given when a patron registered for inter-library loan with the card {card}.\n"
            "If it was you, please confirm it within {hours} hours:\n\n{link}\n\n"
            "If the name or the card is not yours, do not open the link; nothing will happen then.\n",
        ),
        "zh": Wording(
            "请确认您的电子邮箱",
            "{name}，您好：\n\n"
            "有人以证件号{card}注册了馆际互借服务，并填写了此邮箱。\n"
            "如果是您本人，请在{hours}小时内打开以下链接确认：\n\n{link}\n\n"
            "如果姓名或证件号不是您的，请不要打开链接，此次注册将不会生效。\n",
        ),
    }
)
TRIED_AGAIN: Mapping[str, Wording] = MappingProxyType(
    {
        "en": Wording(
            "You are registered already",
            "Dear {name},\n\n"
            "Somebody has just tried to register for inter-library loan with your e-mail address or card.\n"
            "You are registered already. If it was you, please log in instead: {base}\n"
            "If it was not, you need not do anything.\n",
        ),
        "zh": Wording(
            "您已注册",
            "{name}，您好：\n\n"
            "刚才有人使用您的邮箱或证件号注册馆际互借服务。\n"
            "您已经注册过了；如果是您本人，请直接登录：{base}\n"
            "如果不是您本人，您无需进行任何操作。\n",
        ),
    }
)
RESET: Mapping[str, Wording] = MappingProxyType(
    {
        "en": Wording(
            "Set a new password",
            "Dear {name},\n\n"
            "somebody has asked to set a new password for your account at inter-library loan.\n"
            "If it was you, please set it within {hours} hours:\n\n{link}\n\n"
            "If it was not, you need not do anything: your password stays as it is.\n",
        ),
        "zh": Wording(
            "重设密码",
            "{name}，您好：\n\n"
            "有人申请为您的馆际互借账户重设密码。\n"
            "如果是您本人，请在{hours}小时内打开以下链接设定新密码：\n\n{link}\n\n"
            "如果不是您本人，您无需进行任何操作，原密码仍然有效。\n",
        ),
    }
)
CHANGED: Mapping[str, Wording] = MappingProxyType(
    {
        "en": Wording(
            "Your password was changed",
            "Dear {name},\n\n"
            "The password of your account at inter-library loan has just been changed, and you were logged "
            "out everywhere else.\n"
            "If it was you, you need not do anything.\n\n"
            "If it was not, somebody else knew your password or can read your letters: change the password "
            "of your mailbox, ask at {base} for a letter by which you set a new password here, and tell the "
            "inter-library loan desk of your library.\n",
        ),
        "zh": Wording(
            "您的密码已更改",
            "{name}，您好：\n\n"
            "您的馆际互借账户密码刚刚被更改，其他设备上的登录均已退出。\n"
            "如果是您本人操作，您无需再做任何事。\n\n"
            "如果不是您本人操作，说明他人已知道您的密码，或能查看您的邮件：请立即更改邮箱密码，"
            "再到{base}申请重设本服务的密码，并告知您所在图书馆的馆际互借服务台。\n",
        ),
    }
)


def letter(wording: Mapping[str, Wording], patron: Patron, now: datetime, **gaps: object) -> Entry:
    """Return the outbox entry that writes to *patron* in their language."""
    words = wording[patron.language]
    text = words.text.format(name=patron.name, card=patron.card_number, **gaps)
    body = {
        "to": patron.email,
        "subject": words.subject,
        "text": text,
        "language": patron.language,
    }
    return Entry(id=f"{mint.new_id('msg', now)}:{KIND}", kind=KIND, body=body, created_at=now, due_at=now)
