"""What is reported of the regular expressions of rule files."""

RE2 = "expressions are those of RE2: no back-references, no looking around"
