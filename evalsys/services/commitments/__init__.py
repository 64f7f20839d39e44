"""What offices commit themselves to with their reply, and what they report on it once their result is public.

Nothing is brought up here: cards name commitments, and making one asks for the drafts of cards.
"""
