"""The website side of the SPMS Helpline: chat, staff console, store and privacy."""
