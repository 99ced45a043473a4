"""The reconcile engine: what decides which object is next, what is written and what is asked, for every driver alike.

It is pure: it reads no clock, starts no thread and opens no connection. A driver passes the time in, hands it the changes of the
cluster, carries out the writes and asks the questions that it hands out, and brings back how they went:

- `aimcore.entrypoints.loop` settles a cluster in memory, round by round (`plan`, `diff`);
- `aimcore.entrypoints.operator` works on a real cluster, with threads;
- the simulations of the tests draw what happens next, with a clock of their own.
"""
