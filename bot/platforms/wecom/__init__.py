"""WeCom (企业微信): the self-built app, the group webhook, the AI bot in both its forms, calendar and contacts."""
