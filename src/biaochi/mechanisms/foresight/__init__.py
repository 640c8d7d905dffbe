"""技术预见:什么会在何时到来,或永不到来;预测附自己的回测,调查附自己的成绩,路线有意多留几条。

Foresight: what arrives when, or never.  Every forecast carries its own hindcast, every survey its later score, and
routes are kept on purpose.  Technology forecasts (Moore, Wright, reference classes, S-curves), expert elicitation
(Delphi in rounds, real-time, IDEA, Cooke's classical model), readiness graphs, emerging terms, route portfolios.

Public names are in ``model``, ``lifecycle``, ``decisions`` and ``report``; the command line is
``biaochi foresight check|forecast|hindcast|survey|calibrate|routes|readiness|emergence|report``.
"""
