"""The playground: a web page on which the sample people chat with the bot, dressed as WeCom or DingTalk."""
