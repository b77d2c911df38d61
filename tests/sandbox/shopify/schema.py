"""The official Admin schema 2026-07, from the npm package @shopify/dev-mcp (ISC, its licence beside it)."""

import gzip
from functools import cache
from pathlib import Path

from graphql import GraphQLSchema, build_ast_schema, parse

FILE = Path(__file__).with_name("admin-2026-07.graphql.gz")


@cache
def admin_schema() -> GraphQLSchema:
    """The schema, built once a process (about a second)."""
    text = gzip.decompress(FILE.read_bytes()).decode()
    return build_ast_schema(parse(text, no_location=True), assume_valid=True, assume_valid_sdl=True)
