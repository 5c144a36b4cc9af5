import gc

gc.disable()  # what is loaded stays: to look for garbage in it would take a quarter of the start

from portal import create_app  # noqa: E402 - after the line above

app = create_app()
gc.freeze()
gc.enable()
