"""A program around DingTalk's own SDK: `python sdk_peer.py BASE UPDATE` connects to the fake at BASE.

Prints every frame it gets as a JSON line [topic, data] and answers clicks with the card update UPDATE (JSON). A process of
its own, because the SDK blocks its loop while it registers and can't be stopped (dingtalk.md section 6).
"""

import asyncio
import json
import sys

import dingtalk_stream as sdk

BASE, UPDATE = sys.argv[1], json.loads(sys.argv[2])
CARD = sdk.CallbackHandler.TOPIC_CARD_CALLBACK


class Heard(sdk.ChatbotHandler):  # type: ignore[misc]
    async def process(self, callback: sdk.CallbackMessage) -> tuple[int, object]:
        sys.stdout.write(json.dumps([callback.headers.topic, callback.data]) + "\n")
        sys.stdout.flush()
        return sdk.AckMessage.STATUS_OK, UPDATE if callback.headers.topic == CARD else None


sdk.DingTalkStreamClient.OPEN_CONNECTION_API = BASE + "/v1.0/gateway/connections/open"
client = sdk.DingTalkStreamClient(sdk.Credential("dingapp", "secret"))
for topic in (sdk.ChatbotMessage.TOPIC, CARD):
    client.register_callback_handler(topic, Heard())
asyncio.run(client.start())
