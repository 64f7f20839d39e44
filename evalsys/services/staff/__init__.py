"""Administration of accounts: inviting, changing, moving and switching off; two administrators for what is critical."""
