SELECT domain, layout FROM head ORDER BY domain
