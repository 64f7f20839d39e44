"""Open data: the published cards of a round as tables, with a code book, a licence and addresses that stay."""
