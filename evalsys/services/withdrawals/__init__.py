"""Taking back a card that is public: one person proposes it, a member of the board decides, and everybody reads why."""
