"""DingTalk: stream in, OpenAPI out (protocol notes: shared/platforms/dingtalk.md)."""
