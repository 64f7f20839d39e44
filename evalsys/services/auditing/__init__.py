"""What auditors check beyond what everybody in oversight reads: raw answers by lot, runs done again, who looked."""
