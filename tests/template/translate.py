"""Prints the plain CloudFormation that SAM makes of a template: `translate.py < '{"template", "parameters"}'`.

Run by the SAM command line's own interpreter, since what SAM pins must not reach the library's environment.
"""

import json
import logging
import os
import sys

if __name__ == "__main__":
    os.environ["AWS_DEFAULT_REGION"] = "eu-west-1"
    logging.disable()

    from samtranslator.parser.parser import Parser
    from samtranslator.translator.translator import Translator

    asked = json.load(sys.stdin)
    managed = {name: f"arn:aws:iam::aws:policy/{name}" for name in asked["managed"]}
    json.dump(Translator(managed, Parser()).translate(asked["template"], asked["parameters"]), sys.stdout)
