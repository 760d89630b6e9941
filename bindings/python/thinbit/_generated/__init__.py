# generated from codegen/schema/thinbit.yaml: do not edit
"""What follows from the schema."""
