"""A mail server that takes every mail and keeps it as it came (RFC 5321, the least of it)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass
class MailReceiver:
    """The server. mails: as they were taken; commands: what else was said."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 there\r\n")
        while line := await reader.readline():
            command = line.decode().strip().upper()
            self.commands.append(command)
            if command == "DATA":
                writer.write(b"354 go on\r\n")
                raw = (await reader.readuntil(b"\r\n.\r\n")).replace(b"\r\n..", b"\r\n.")[:-3]
                mail = message_from_bytes(raw, EmailMessage, policy=policy.default)
                self.mails.append(mail)
            writer.write(b"221 bye\r\n" if command == "QUIT" else b"250 ok\r\n")
            await writer.drain()
            if command == "QUIT":
                break
        writer.close()


@asynccontextmanager
async def receive_mail() -> AsyncIterator[MailReceiver]:
    receiver = MailReceiver()
    server = await asyncio.start_server(receiver.handle, "127.0.0.1", 0)
    receiver.port = server.sockets[0].getsockname()[1]
    async with server:
        yield receiver
