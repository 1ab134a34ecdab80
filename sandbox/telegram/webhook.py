"""Pushes updates to the bot's webhook, in order, with the secret, until it takes them."""

import asyncio

import aiohttp
from aiohttp import MultipartReader

from sandbox.telegram.errors import ApiError
from sandbox.telegram.methods import METHODS, MethodCall
from sandbox.telegram.parameters import Parameters, parse_json_object, read_multipart
from sandbox.telegram.updates import PendingUpdate, Webhook
from sandbox.telegram.world import World

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 (a header's name)
PUSH_TIMEOUT_SECONDS = 60
FIRST_RETRY_SECONDS = 0.5
LAST_RETRY_SECONDS = 30.0


class WebhookPusher:
    """A background task beside the HTTP service."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def run(self) -> None:
        """Push for ever; a push that fails is repeated after a growing pause."""
        timeout = aiohttp.ClientTimeout(total=PUSH_TIMEOUT_SECONDS)
        pause = FIRST_RETRY_SECONDS
        async with aiohttp.ClientSession(timeout=timeout) as session:
            while True:
                hook, pending = await self._world.updates.next_to_push()
                problem = await self._push(session, hook, pending)
                if not problem:
                    pause = FIRST_RETRY_SECONDS
                    continue
                hook.last_error = problem
                hook.last_error_at = self._world.now()
                await asyncio.sleep(pause)
                pause = min(pause * 2, LAST_RETRY_SECONDS)

    async def _push(
        self, session: aiohttp.ClientSession, hook: Webhook, pending: PendingUpdate
    ) -> str:
        headers = {SECRET_HEADER: hook.secret_token} if hook.secret_token else {}
        try:
            async with session.post(hook.url, json=pending.update, headers=headers) as response:
                if not 200 <= response.status < 300:
                    reason = f"{response.status} {response.reason}"
                    self._world.updates.count_delivery(pending)
                    return f"Wrong response from the webhook: {reason}"
                self._world.updates.confirm(pending)
                await self._obey(response)
        except (aiohttp.ClientError, TimeoutError) as error:
            return f"Connection failed: {type(error).__name__}"
        return ""

    async def _obey(self, response: aiohttp.ClientResponse) -> None:
        # A bot may answer a push with a method call; Telegram never says how that call ended.
        values: dict[str, object] = {}
        if response.content_type == "application/json":
            try:
                values = parse_json_object(await response.read())
            except ApiError:
                return
            parameters = Parameters(values)
        elif response.content_type.startswith("multipart/"):
            reader = MultipartReader.from_response(response)
            uploads = await read_multipart(reader.stream, values)
            parameters = Parameters(values, uploads)
        else:
            return
        method = METHODS.get(str(values.get("method", "")).lower())
        if method is None:
            return
        self._world.state.calls.record("telegram", str(values["method"]), parameters.as_json())
        try:
            result = method(MethodCall(self._world, parameters))
            if asyncio.iscoroutine(result):
                await result
        except ApiError:
            return
