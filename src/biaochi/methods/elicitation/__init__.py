"""What groups of experts say, how far they agree, and how good they were.

Answers in, frozen results out: realisation years with *never*, consensus and stability between rounds, attrition,
IDEA, Cooke's classical model with its out-of-sample table, pools, scores.
"""

from biaochi.methods.elicitation.answers import QuantileAnswers, Seeds
from biaochi.methods.elicitation.attrition import attrition
from biaochi.methods.elicitation.consensus import ItemSpec, kendall_w, krippendorff_alpha, summarise_round
from biaochi.methods.elicitation.cooke import combinations, combine_experts, cooke_scores, out_of_sample
from biaochi.methods.elicitation.excalibur import parse_dtt, parse_rls
from biaochi.methods.elicitation.idea import combine_intervals, stretch
from biaochi.methods.elicitation.pool import pool_probabilities
from biaochi.methods.elicitation.realisation import RealisationAnswer, realisation_cdf, score_realisation
from biaochi.methods.elicitation.scoring import reliability, shrunk_scores
from biaochi.methods.elicitation.stability import stability

__all__ = [
    "ItemSpec",
    "QuantileAnswers",
    "RealisationAnswer",
    "Seeds",
    "attrition",
    "combinations",
    "combine_experts",
    "combine_intervals",
    "cooke_scores",
    "kendall_w",
    "krippendorff_alpha",
    "out_of_sample",
    "parse_dtt",
    "parse_rls",
    "pool_probabilities",
    "realisation_cdf",
    "reliability",
    "score_realisation",
    "shrunk_scores",
    "stability",
    "stretch",
    "summarise_round",
]
