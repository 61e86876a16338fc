"""The chat process: public API, chat page, widget files. Started by `python -m helpline.chat`."""
