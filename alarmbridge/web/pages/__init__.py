"""The page: what an operator wants at three in the morning, on a laptop and on a phone.

Promises: every page is whole as the server sends it, so that it works without JavaScript; then it
loads itself anew now and then. With it, the one script of ours fetches the same address again
whenever `/live` says that something changed, and puts its content in place: focus, scroll and open
details stay, and while somebody types it waits. When nothing is heard of the server the page says
so. What is asked for stands in the address. Colour is never the only sign; times are in the
viewer's zone, with the device's own words beside them. Dark, light, keyboard, screen reader, paper.

Refuses: to show a text of a device as anything but text. It never becomes an attribute, a link or
a style; it is isolated from the reading direction around it, and what cannot be seen in it is
named (`<U+202E>`). Also a framework, anything from another server, inline script and inline style
(the Content-Security-Policy forbids those), and changing anything for a viewer.

On failure: what goes wrong is a page too, with its reason; a change answers 303 back to the page
that it was made on, so that loading anew repeats nothing.

Where to start: `renderer` makes a page of a template; each other module is one page, or one piece
that several need (`texts`, `moments`, `forms`). The questions are those of the API: what is
filtered is read by its models, what is changed goes through its groups.
"""
