"""Pages of foresight: forecasts, functions and routes, studies, answering, questions and the scoreboard."""
