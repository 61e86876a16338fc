"""What keeps visitors' words private: redaction, retention and erasure."""
