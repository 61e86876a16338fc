"""Our parts of the bot: understanding, the channel, the tracker store and what keeps them safe."""
