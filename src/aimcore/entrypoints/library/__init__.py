"""The public functions: load a catalogue, plan it, list, resolve, explain and compare what it yields.

`aimcore` exports what is public here, lazily; the command line answers with the same functions.
"""
