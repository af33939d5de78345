"""What rule files are told of their regular expressions."""

RE2 = "expressions are those of RE2: no back-references, no looking around"
