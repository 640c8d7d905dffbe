"""Technology forecasts that know their own error, and the hindcasts that show it.

Series in, frozen results out.  Random walk, trend, Moore, Wright, both with a reference class, S-curves and Bass with
a required ceiling; hindcasts, combination, recalibration; readiness graphs, emergence of terms, portfolios of routes.
"""
