"""Renders chat templates with Jinja2, set up as transformers' _compile_jinja_template does.

Usage: render.py INPUT OUTPUT. A line of INPUT is {"template": text, "variables": {…}, "now": [year, month, day, hour,
minute, second]}; a line of OUTPUT {"text": text, "spans": [[start, end], …]} (code points; what {% generation %} blocks
hold) or {"error": message}.
"""

import datetime
import json
import sys

import jinja2
import jinja2.ext
import jinja2.nodes
import jinja2.sandbox


class AssistantTracker(jinja2.ext.Extension):
    tags = {"generation"}

    def __init__(self, environment):
        super().__init__(environment)
        self.rendered_blocks = None
        self.generation_indices = None

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return jinja2.nodes.CallBlock(self.call_method("_generation_support"), [], [], body).set_lineno(line)

    @jinja2.pass_eval_context
    def _generation_support(self, context, caller):
        text = caller()
        start = len("".join(self.rendered_blocks))
        self.generation_indices.append((start, start + len(text)))
        return text


def raise_exception(message):
    raise jinja2.exceptions.TemplateError(message)


def tojson(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def render(request):
    environment = jinja2.sandbox.ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[AssistantTracker, jinja2.ext.loopcontrols]
    )
    now = datetime.datetime(*request["now"])
    environment.filters["tojson"] = tojson
    environment.globals["raise_exception"] = raise_exception
    environment.globals["strftime_now"] = now.strftime
    template = environment.from_string(request["template"])
    tracker = environment.extensions[AssistantTracker.identifier]
    tracker.rendered_blocks = []
    tracker.generation_indices = []
    for block in template.generate(**request["variables"]):
        tracker.rendered_blocks.append(block)
    return {"text": "".join(tracker.rendered_blocks), "spans": tracker.generation_indices}


with open(sys.argv[1], encoding="utf-8") as requests, open(sys.argv[2], "w", encoding="utf-8") as answers:
    for line in requests:
        try:
            answer = render(json.loads(line))
        except Exception as error:  # whatever a template raises is the answer
            answer = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer) + "\n")
