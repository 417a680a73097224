"""Experiments: one question a file. Each header says the question, the command, the run time and what to expect."""
