"""Asks a proxy of Telegram's for resPQ as Telethon does, and nothing more: ask.py <port> <secret>. Says 'ok' or why not."""

import asyncio
import logging
import os
import sys

from telethon.network import connection, mtprotoplainsender
from telethon.tl.functions import ReqPqMultiRequest
from telethon.tl.types import ResPQ


class Loggers(dict):
    """By name, as its connections ask for them."""

    def __missing__(self, name):
        return logging.getLogger(name)


async def main(port, secret):
    padded = secret.startswith('dd')
    kind = connection.ConnectionTcpMTProxyRandomizedIntermediate if padded else connection.ConnectionTcpMTProxyIntermediate
    through = kind('127.0.0.1', 443, 2, loggers=Loggers(), proxy=('127.0.0.1', port, secret))
    await through.connect(timeout=5)
    try:
        nonce = int.from_bytes(os.urandom(16), 'big', signed=True)
        sender = mtprotoplainsender.MTProtoPlainSender(through, loggers=Loggers())
        answer = await asyncio.wait_for(sender.send(ReqPqMultiRequest(nonce)), 5)
        return 'ok' if isinstance(answer, ResPQ) and answer.nonce == nonce else 'another answer'
    finally:
        await through.disconnect()


try:
    print(asyncio.run(main(int(sys.argv[1]), sys.argv[2])))
except Exception as e:  # whatever it is, it is what an app would run into
    print(type(e).__name__)
