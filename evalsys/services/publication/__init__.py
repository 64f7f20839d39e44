"""What stands between a scored round and the public: the checks of the gate, corrections, and the record of both."""
