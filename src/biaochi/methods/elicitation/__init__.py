"""What groups of experts say, how far they agree, and how good they were.

Answers in, frozen results out: realisation years with *never*, consensus and stability between rounds, attrition,
IDEA, Cooke's classical model with its out-of-sample table, pools, scores.
"""
